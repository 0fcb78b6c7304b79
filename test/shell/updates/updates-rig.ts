import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { deliver } from "../../../electron/shell/updates/delivery.ts";
import { serverAt } from "../../../electron/shell/updates/fetching.ts";
import { Updates, type UpdateWishes } from "../../../electron/shell/updates/updates.ts";
import { Clock } from "../../fakes/cloud/clock.ts";
import { type Edge, startEdge } from "../../fakes/cloud/edge.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { openNetwork } from "../../platform/network-rig.ts";
import { ReleaseServer, throwAwayKey, updateHost } from "./release-server.ts";

export const oldImage = "#!/bin/sh\necho old\n";
export const newImage = `#!/bin/sh\necho new\n${"#".repeat(300_000)}\n`;

/** An installed AppImage, its updater over the real network code, and a server of releases behind a proxy. */
export interface Rig {
  readonly updates: Updates;
  readonly releases: ReleaseServer;
  readonly edge: Edge;
  readonly key: ReturnType<typeof throwAwayKey>;
  readonly memo: MemoryMemo;
  readonly wishes: { mode: UpdateWishes["mode"]; channel: string };
  /** When it is, and whether the moment is good. */
  readonly world: { now: number; isGood: boolean };
  /** The AppImage, and its folder. */
  readonly image: string;
  readonly installed: string;
  /** Where downloads are. */
  readonly folder: string;
  /** What the installed file says. */
  text(): string;
  /** All that lies where it is installed and where downloads are. */
  files(): readonly string[];
  /** The updater of the same installation, started again. */
  again(more?: Partial<ConstructorParameters<typeof Updates>[0]>): Updates;
}

export const startRig = async (
  more: Partial<ConstructorParameters<typeof Updates>[0]> = {},
): Promise<Rig> => {
  const root = mkdtempSync(join(tmpdir(), "evercred-updates-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const installed = mkdtempSync(join(root, "installed-"));
  const image = join(installed, "Evercred.AppImage");
  writeFileSync(image, oldImage);
  chmodSync(image, 0o755);
  const before = process.env["APPIMAGE"];
  // electron-updater looks for it.
  process.env["APPIMAGE"] = image;
  onTestFinished(() => {
    if (before === undefined) delete process.env["APPIMAGE"];
    else process.env["APPIMAGE"] = before;
  });
  const releases = new ReleaseServer();
  const edge = await startEdge(new Map([[updateHost, releases.site]]), new Clock(0));
  onTestFinished(async () => {
    await edge.close();
    releases.close();
  });
  const key = throwAwayKey();
  await releases.publish("1.2.4", newImage, key.key);
  const network = openNetwork({ settings: { proxy: edge.proxyUrl, caFiles: [edge.caFile] } });
  const server = serverAt(`https://${updateHost}/`, network.agent);
  const folder = join(root, "state", "updates");
  const memo = new MemoryMemo();
  const wishes: Rig["wishes"] = { mode: "install", channel: "stable" };
  const world = { now: Date.UTC(2027, 0, 4, 9), isGood: true };
  const log = new MemoryLog();
  const app = {
    getName: () => "evercred",
    whenReady: () => Promise.resolve(),
    relaunch: () => undefined,
    quit: () => undefined,
    once: () => undefined,
  };
  const road = { kind: "appimage", program: image } as const;
  const again: Rig["again"] = (parts) =>
    new Updates({
      version: "1.2.3",
      arch: process.arch,
      publicKey: key.half,
      road: "appimage",
      server,
      wishes: () => wishes,
      isForced: () => false,
      isGoodMoment: () => world.isGood,
      deliver: (offer, signal) =>
        deliver(offer, signal, {
          ...{ app, version: "1.2.3", road, server, folder, log },
          resources: root,
        }),
      memo,
      now: () => world.now,
      random: () => 0.5,
      changed: () => undefined,
      log,
      ...parts,
    });
  const filesIn = (name: string): readonly string[] =>
    existsSync(name) ? (readdirSync(name, { recursive: true }) as string[]) : [];
  return {
    ...{ releases, edge, key, memo, wishes, world, image, installed, folder, again },
    updates: again(more),
    text: () => readFileSync(image, "utf8"),
    files: () => [...filesIn(installed), ...filesIn(folder)].sort(),
  };
};
