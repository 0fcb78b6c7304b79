import { app, session, type Session } from "electron";
import { tellingScript, toldAnswer } from "./pac-script.ts";

/** Asks Electron what the system or a PAC script says of proxies, by a session of its own that loads nothing. */
export class ElectronProxy {
  #session: Session | undefined;
  /** Resolves once what was given up has ended. */
  #ended: Promise<void> | undefined;

  /** From now on this script is asked; undefined: the system. */
  async use(script: string | undefined): Promise<void> {
    await this.#ended;
    await (
      await this.#opened()
    ).setProxy(
      script === undefined
        ? { mode: "system" }
        : { mode: "pac_script", pacScript: dataUrlOf(tellingScript(script)) },
    );
  }

  /** In the words of FindProxyForURL. */
  async resolve(url: string): Promise<string> {
    return toldAnswer(await (await this.#opened()).resolveProxy(url));
  }

  /** Ends the process in which Chromium runs scripts: one that never returns keeps it from all others. */
  giveUp(): void {
    const stuck = app.getAppMetrics().find(({ serviceName }) => serviceName === scriptService);
    if (stuck === undefined) return;
    this.#ended = new Promise((resolve) => {
      const gone = (_event: unknown, { serviceName }: { readonly serviceName?: string }): void => {
        if (serviceName !== scriptService) return;
        app.off("child-process-gone", gone);
        resolve();
      };
      app.on("child-process-gone", gone);
    });
    try {
      process.kill(stuck.pid, "SIGKILL");
    } catch {
      // It has ended meanwhile, or this system does not let us: then the next script waits for it, as before.
      this.#ended = undefined;
    }
  }

  async #opened(): Promise<Session> {
    await app.whenReady();
    if (this.#session === undefined) {
      this.#session = session.fromPartition("proxy");
      // Else it fetches a dictionary from Google.
      this.#session.setSpellCheckerLanguages([]);
    }
    return this.#session;
  }
}

/** Chromium's name for it. */
const scriptService = "proxy_resolver.mojom.ProxyResolverFactory";

/** It is fetched by us, with our certificates, so that it is known what came of it: Electron would say nothing. */
const dataUrlOf = (script: string): string =>
  `data:application/x-ns-proxy-autoconfig;base64,${Buffer.from(script).toString("base64")}`;
