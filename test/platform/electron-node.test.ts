import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { knownElectron } from "../../scripts/electron-dist.mjs";
import { createAuthority } from "../fakes/cloud/authority.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { temporaryFolder } from "./folder.ts";
import { startKeyring } from "./keyring.ts";
import { bundleProgram, runProgram } from "./program.ts";
import { startTunnelProxy } from "./tunnel-proxy.ts";

const electron = knownElectron();

const program = `
  import "./electron/platform/fill-ins.ts";
  import { get } from "node:https";
  import { join } from "node:path";
  import { Secret } from "./electron/core/secret.ts";
  import { SystemClock } from "./electron/platform/clock.ts";
  import { openConfig } from "./electron/platform/config.ts";
  import { openKeychain } from "./electron/platform/keychain.ts";
  import { openLog } from "./electron/platform/log.ts";
  import { MemoFile } from "./electron/platform/memo.ts";
  import { Network } from "./electron/platform/network.ts";
  import { openPolicy } from "./electron/platform/policy.ts";
  import { systemPolicy } from "./electron/platform/policy-places.ts";
  import { Sweep } from "./electron/platform/sweep.ts";

  const { FOLDER: folder, SITE: site } = process.env;
  const run = async () => {
    const log = openLog({ file: join(folder, "log"), level: "info" });
    const policy = await openPolicy({ place: systemPolicy(process.platform), log });
    const config = openConfig({ file: join(folder, "config.json"), policy, log });
    const memo = new MemoFile({ file: join(folder, "memo.json"), log });
    memo.set("a", "1");
    memo.close();
    const sweep = new Sweep({ sweep: () => undefined, remind: () => undefined, log });
    sweep.schedule(config.current.signIn.schedule);
    sweep.start();
    const clock = new SystemClock();
    const rung = new Promise((resolve) => clock.alarm(clock.now(), () => resolve("rung")));
    const keychain = openKeychain({ service: "Evercred", mode: "os", limitBytes: 2400, memoryRefusal: () => undefined, log });
    await keychain.set("grant/corp", new Secret("x".repeat(5000)));
    const kept = (await keychain.get("grant/corp")).reveal().length;
    const secretOf = (name) => keychain.get(name);
    const { network: settings } = config.current;
    const network = new Network({ env: process.env, settings, secretOf, log });
    const status = () => new Promise((resolve, reject) =>
      get(site, { agent: network.agent }, (reply) => {
        reply.resume();
        reply.on("end", () => resolve(reply.statusCode));
      }).on("error", reject));
    const statuses = [await status(), await status()];
    // Nothing else keeps a process alive: the daemon lives by its server.
    const server = setInterval(() => undefined, 60_000);
    config.subscribe(async () => {
      clearInterval(server);
      sweep.stop();
      network.close();
      config.close();
      console.log(JSON.stringify({ level: config.current.log, kept, statuses, rung: await rung }));
    });
    console.log(JSON.stringify("ready"));
  };
  run().catch((error) => console.log(JSON.stringify(String(error.stack))));
`;

test.skipIf(electron === undefined)(
  "all of it works in the Node of Electron, bundled, and ends by itself",
  async () => {
    const [folder, keyring] = [temporaryFolder(), await startKeyring()];
    onTestFinished(() => keyring.stop());
    const { caFile, key, certificate } = await createAuthority(folder, ["api.example.test"]);
    const server = createServer({ key, cert: certificate }, (_, response) => response.end("ok"));
    const proxy = await startTunnelProxy(await listen(server));
    onTestFinished(async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    });
    const configFile = join(folder, "config.json");
    writeFileSync(configFile, '{"signIn": {"schedule": ["0 9 * * 1-5"]}}');
    const { next, ended } = runProgram(
      await bundleProgram(program, folder),
      {
        ...keyring.env,
        ELECTRON_RUN_AS_NODE: "1",
        FOLDER: folder,
        SITE: "https://api.example.test/",
        HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
        NODE_EXTRA_CA_CERTS: caFile,
      },
      electron,
    );
    expect(await next()).toBe("ready");
    writeFileSync(configFile, '{"log": "debug"}');
    expect(await next()).toEqual({
      level: "debug",
      kept: 5_000,
      statuses: [200, 200],
      rung: "rung",
    });
    expect(await ended).toBe(0);
    expect(proxy.asked).toHaveLength(1);
    expect(readFileSync(join(folder, "log"), "utf8")).toContain("network: settings");
  },
);
