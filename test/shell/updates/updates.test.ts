import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { UpdateFault } from "../../../electron/protocol/update-view.ts";
import { en } from "../../../electron/protocol/texts/en.ts";
import { metadataName, throwAwayKey, updateHost } from "./release-server.ts";
import type { Updates } from "../../../electron/shell/updates/updates.ts";
import { newImage, oldImage, type Rig, startRig } from "./updates-rig.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

test("a newer version is downloaded, and a click puts exactly that in the app's place, under its name and mode", async () => {
  const { updates, text, files, image, releases, folder } = await startRig();
  await updates.check();
  expect(updates.view).toEqual({ kind: "ready", version: "1.2.4" });
  expect(text()).toBe(oldImage);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(releases.asked).toEqual([
    metadataName,
    `${metadataName}.sig`,
    expect.stringContaining("evercred-1.2.4") as string,
  ]);
  expect(await updates.take()).toBe("installed");
  expect(updates.view).toEqual({ kind: "installed", version: "1.2.4" });
  expect(text()).toBe(newImage);
  expect(statSync(image).mode & 0o777).toBe(0o755);
  expect(files().filter((name) => name.startsWith("."))).toEqual([]);
  expect(await updates.take()).toBeUndefined();
});

test("it is installed at the app's end where that is wanted, and not where a person only wants to know", async () => {
  const { updates, wishes, text } = await startRig();
  await updates.check();
  wishes.mode = "notify";
  await updates.installAtQuit(false);
  expect(text()).toBe(oldImage);
  wishes.mode = "install";
  await updates.installAtQuit(false);
  expect(text()).toBe(newImage);
});

test("a link to the app goes on leading to it", async () => {
  const rig = await startRig();
  const link = join(rig.installed, "link");
  symlinkSync(rig.image, link);
  await rig.updates.check();
  await rig.updates.installAtQuit(false);
  expect(execFileSync("/bin/sh", [link], { encoding: "utf8" })).toBe("new\n");
});

test("who only wants to know is told, and nothing is downloaded", async () => {
  const { updates, wishes, releases, files } = await startRig();
  wishes.mode = "notify";
  await updates.check();
  expect(updates.view).toEqual({ kind: "found", version: "1.2.4" });
  expect(releases.asked).toEqual([metadataName, `${metadataName}.sig`]);
  expect(files()).toEqual(["Evercred.AppImage"]);
});

describe("not one request is sent", () => {
  const quietly = async ({ updates, world, edge, releases }: Rig): Promise<void> => {
    world.now += 3 * day;
    updates.look();
    await updates.check();
    await updates.installAtQuit(false);
    expect(edge.log.all()).toEqual([]);
    expect(edge.refusedHosts).toEqual([]);
    expect(releases.asked).toEqual([]);
  };

  test("where updates are off in the settings", async () => {
    const rig = await startRig();
    rig.wishes.mode = "off";
    await quietly(rig);
    expect(rig.updates.view).toEqual({ kind: "off", why: "settings" });
  });

  test("where an organisation has switched them off", async () => {
    const rig = await startRig({ isForced: () => true });
    expect(rig.updates.view).toEqual({ kind: "current", checkedAt: undefined });
    rig.wishes.mode = "off";
    await quietly(rig);
    expect(rig.updates.view).toEqual({ kind: "off", why: "policy" });
  });

  test("by what a package manager has installed", async () => {
    const rig = await startRig({ road: undefined });
    await quietly(rig);
    expect(rig.updates.view).toEqual({ kind: "off", why: "package" });
  });

  test("by a build that trusts no key", async () => {
    const rig = await startRig({ publicKey: undefined });
    await quietly(rig);
    expect(rig.updates.view).toEqual({ kind: "off", why: "build" });
  });
});

test("it asks a while after the start, then once a day, and never at a bad moment", async () => {
  const { updates, world, releases } = await startRig({ version: "1.2.4" });
  const asks = async (): Promise<number> => {
    updates.look();
    await expect.poll(() => updates.view.kind).toBe("current");
    return releases.asked.splice(0).length;
  };
  expect(await asks()).toBe(0);
  world.now += 14 * minute;
  expect(await asks()).toBe(0);
  world.now += 2 * minute;
  world.isGood = false;
  expect(await asks()).toBe(0);
  world.isGood = true;
  expect(await asks()).toBe(2);
  world.now += 23 * 60 * minute;
  expect(await asks()).toBe(0);
  world.now += 61 * minute;
  expect(await asks()).toBe(2);
  // A clock that was years ahead for a while.
  world.now -= 900 * day;
  expect(await asks()).toBe(2);
});

test("a start soon after another one asks for nothing again", async () => {
  const { updates, world, again, releases } = await startRig({ version: "1.2.4" });
  await updates.check();
  releases.asked.splice(0);
  const next = again({ version: "1.2.4" });
  expect(next.view).toEqual({ kind: "current", checkedAt: world.now });
  world.now += 60 * minute;
  next.look();
  await next.installAtQuit(false);
  expect(releases.asked).toEqual([]);
});

type Attack = (rig: Rig) => unknown;

/** What may be wrong with what the server, or what is in between, has; and what a person is told of it. */
const attacks: readonly (readonly [string, UpdateFault, Attack])[] = [
  [
    "a signature by somebody else",
    "signature",
    (rig) => rig.releases.publish("1.2.4", newImage, throwAwayKey().key),
  ],
  [
    "metadata that was changed after it was signed",
    "signature",
    (rig) => rig.releases.change("1.2.4", "1.2.5"),
  ],
  [
    "the signature of another release",
    "signature",
    async ({ releases, key }) => {
      const signature = releases.read(`${metadataName}.sig`);
      await releases.publish("1.2.5", newImage, key.key);
      releases.put(`${metadataName}.sig`, signature);
    },
  ],
  ["no signature", "unsigned", ({ releases }) => releases.remove(`${metadataName}.sig`)],
  ["no metadata", "refused", ({ releases }) => releases.remove(metadataName)],
  [
    "another hash",
    "hash",
    ({ releases, key }) => {
      const other = Buffer.alloc(64).toString("base64");
      return releases.change(/(?<=sha512: )\S+/g, other, key.key);
    },
  ],
  [
    "a larger file than was signed",
    "hash",
    ({ releases }) => {
      const name = readdirSync(releases.folder).find((each) => each.endsWith(".AppImage"))!;
      releases.put(name, `${newImage}more`);
    },
  ],
  [
    "another file of the same size",
    "hash",
    ({ releases }) => {
      const name = readdirSync(releases.folder).find((each) => each.endsWith(".AppImage"))!;
      releases.put(name, newImage.replace("new", "bad"));
    },
  ],
  ["another channel", "channel", (rig) => rig.releases.change("stable", "beta", rig.key.key)],
  [
    "a pre-release under the name of the channel",
    "channel",
    (rig) => rig.releases.change("version: 1.2.4", "version: 1.2.5-beta.1", rig.key.key),
  ],
  [
    "an older version, signed as it once was",
    "older",
    (rig) => rig.releases.publish("1.2.2", newImage, rig.key.key),
  ],
  [
    "metadata of another installation's, signed",
    "metadata",
    (rig) => rig.releases.change(`name: ${metadataName}`, "name: latest-mac.yml", rig.key.key),
  ],
  [
    "a web page instead of metadata",
    "web-page",
    ({ edge }) => edge.faults.add({ kind: "html", host: updateHost }),
  ],
  [
    "a web page that says that it is none",
    "web-page",
    ({ releases }) => releases.put(metadataName, "<!doctype html><p>Sign in to use this network."),
  ],
  [
    "a web page instead of the file",
    "web-page",
    ({ edge }) => edge.faults.add({ kind: "html", host: updateHost, path: /AppImage$/ }),
  ],
  [
    "a redirect to somewhere else",
    "refused",
    ({ edge }) =>
      edge.faults.add({
        kind: "status",
        status: 302,
        headers: { location: "https://elsewhere.test/" },
        host: updateHost,
      }),
  ],
  [
    "a download that breaks off",
    "truncated",
    ({ edge }) => edge.faults.add({ kind: "truncate", host: updateHost, path: /AppImage$/ }),
  ],
  [
    "a proxy that wants a password",
    "network",
    ({ edge }) =>
      edge.faults.add({
        kind: "proxy-authentication",
        user: "a",
        password: "b",
        host: updateHost,
      }),
  ],
  [
    "a proxy that does not get there",
    "network",
    ({ edge }) => edge.faults.add({ kind: "unreachable", host: updateHost }),
  ],
  [
    "a server that hangs up",
    "network",
    ({ edge }) => edge.faults.add({ kind: "reset", host: updateHost }),
  ],
  [
    "a full disk",
    "disk-full",
    ({ folder }) => {
      const disk = dirname(folder);
      mkdirSync(disk, { mode: 0o700 });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
      onTestFinished(() => void execFileSync("umount", [disk]));
    },
  ],
  ["a file where downloads belong", "disk", ({ folder }) => writeFileSync(dirname(folder), "")],
];

test.each(attacks)("%s ends as one sentence, and nothing is changed", async (_, fault, attack) => {
  const rig = await startRig();
  await attack(rig);
  await rig.updates.check();
  expect(rig.updates.view).toMatchObject({ kind: "failed", fault });
  if (fault !== "network") expect(en.updates.faults[fault][0]).toMatch(/^[A-Z][^.]+\.$/);
  expect(await rig.updates.take()).toBeUndefined();
  await rig.updates.installAtQuit(false);
  expect(rig.text()).toBe(oldImage);
  expect(rig.files()).toEqual(["Evercred.AppImage"]);
});

test("what the network says is in the sentence", async () => {
  const { updates, edge } = await startRig();
  edge.faults.add({ kind: "proxy-authentication", user: "a", password: "b", host: updateHost });
  await updates.check();
  expect(updates.view).toMatchObject({
    fault: "network",
    trouble: {
      code: "proxy-refused",
      remedy: expect.stringContaining("network.proxyUser") as string,
    },
  });
});

test("an older release than was offered before is not taken, though it is newer than what runs", async () => {
  const { updates, wishes, releases, key, again } = await startRig();
  wishes.mode = "notify";
  await releases.publish("1.3.0", newImage, key.key);
  await updates.check();
  expect(updates.view).toEqual({ kind: "found", version: "1.3.0" });
  await releases.publish("1.2.4", newImage, key.key);
  const next = again();
  await next.check();
  expect(next.view).toEqual({ kind: "failed", fault: "older" });
});

/** What somebody does to a file that was downloaded and compared. */
const swaps: readonly (readonly [string, (file: string) => void])[] = [
  ["changed in its place", (file) => writeFileSync(file, newImage.replace("new", "bad"))],
  [
    "exchanged",
    (file) => {
      rmSync(file);
      writeFileSync(file, newImage.replace("new", "bad"));
    },
  ],
  [
    "a link to another one",
    (file) => {
      writeFileSync(`${file}.bad`, newImage);
      rmSync(file);
      symlinkSync(`${file}.bad`, file);
    },
  ],
  ["gone", (file) => rmSync(file)],
];

const downloadedIn = (folder: string): string => {
  const name = (readdirSync(folder, { recursive: true }) as string[]).find((each) =>
    each.endsWith(".AppImage"),
  )!;
  return join(folder, name);
};

test.each(swaps)("a download that is %s before a click is not installed", async (_, swap) => {
  const { updates, folder, text, installed } = await startRig();
  await updates.check();
  swap(downloadedIn(folder));
  expect(await updates.take()).toBeUndefined();
  expect(updates.view).toEqual({ kind: "failed", fault: "changed" });
  expect(text()).toBe(oldImage);
  expect(readdirSync(installed)).toEqual(["Evercred.AppImage"]);
});

test("one that could not be installed at the end is said after the next start, once", async () => {
  const { updates, folder, text, again } = await startRig();
  await updates.check();
  writeFileSync(downloadedIn(folder), "something else");
  await updates.installAtQuit(false);
  expect(text()).toBe(oldImage);
  expect(again().view).toEqual({ kind: "failed", fault: "changed" });
  expect(again().view.kind).toBe("current");
});

test("a disk that is full where the app stands leaves the old one, and nothing beside it", async () => {
  const rig = await startRig();
  await rig.updates.check();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", rig.installed]);
  onTestFinished(() => void execFileSync("umount", [rig.installed]));
  writeFileSync(rig.image, oldImage);
  expect(await rig.updates.take()).toBeUndefined();
  expect(rig.updates.view).toEqual({ kind: "failed", fault: "disk-full" });
  expect(rig.text()).toBe(oldImage);
  expect(readdirSync(rig.installed)).toEqual(["Evercred.AppImage"]);
});

test("where it may not be replaced, that is said", async () => {
  const rig = await startRig();
  await rig.updates.check();
  const place = dirname(rig.image);
  execFileSync("mount", ["--bind", place, place]);
  onTestFinished(() => void execFileSync("umount", [place]));
  execFileSync("mount", ["-o", "remount,bind,ro", place]);
  expect(await rig.updates.take()).toBeUndefined();
  expect(rig.updates.view).toEqual({ kind: "failed", fault: "folder" });
  expect(rig.text()).toBe(oldImage);
});

/** A download whose installation waits until it is let go. */
const heldDelivery = (whileRunning: boolean) => {
  const installs: boolean[] = [];
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const deliver: ConstructorParameters<typeof Updates>[0]["deliver"] = (offer) =>
    Promise.resolve({
      offer,
      whileRunning,
      install: async (starts) => {
        installs.push(starts);
        await held;
      },
    });
  return { deliver, installs, letGo };
};

test("while one is installed, nothing else begins: no second click, no look, no end of the app", async () => {
  const { deliver, installs, letGo } = heldDelivery(true);
  const { updates, releases } = await startRig({ deliver });
  await updates.check();
  releases.asked.splice(0);
  const taken = updates.take();
  expect(updates.view.kind).toBe("ready");
  expect(await updates.take()).toBeUndefined();
  await updates.check();
  let hasEnded = false;
  const end = updates.installAtQuit(false).then(() => {
    hasEnded = true;
  });
  await updates.check();
  expect(hasEnded).toBe(false);
  letGo();
  expect(await taken).toBe("installed");
  await end;
  expect(installs).toEqual([false]);
  expect(releases.asked).toEqual([]);
});

test("what cannot take the app's place while it runs waits until all behind it has stopped, and starts then", async () => {
  const { deliver, installs, letGo } = heldDelivery(false);
  const { updates } = await startRig({ deliver });
  letGo();
  await updates.check();
  const taken = await updates.take();
  expect(installs).toEqual([]);
  expect(updates.view.kind).toBe("ready");
  if (typeof taken === "function") await taken();
  expect(installs).toEqual([true]);
});

test.each([
  [true, "an AppImage takes its place", [false]],
  [false, "an installer, which would be cut off, does not begin", []],
] as const)("where the system ends the app (%s): %s", async (whileRunning, _, wanted) => {
  const { deliver, installs, letGo } = heldDelivery(whileRunning);
  const { updates } = await startRig({ deliver });
  letGo();
  await updates.check();
  await updates.installAtQuit(true);
  expect(installs).toEqual(wanted);
});

test("the next start does not say that there is none, of what was found and not installed", async () => {
  const { updates, world, again, releases } = await startRig();
  await updates.check();
  releases.asked.splice(0);
  const next = again();
  expect(next.view).toEqual({ kind: "current", checkedAt: undefined });
  world.now += 20 * minute;
  next.look();
  await expect.poll(() => next.view.kind).toBe("ready");
  // It is here already.
  expect(releases.asked).toEqual([metadataName, `${metadataName}.sig`]);
});

test("what is switched off while it is downloaded is given up", async () => {
  const { updates, edge, wishes, files } = await startRig();
  const held = edge.faults.add({ kind: "hang", host: updateHost, path: /AppImage$/ });
  const checking = updates.check();
  await expect.poll(() => held.hits).toBe(1);
  expect(updates.view.kind).toBe("downloading");
  wishes.mode = "off";
  updates.look();
  await checking;
  held.remove();
  wishes.mode = "install";
  expect(updates.view.kind).toBe("current");
  expect(files()).toEqual(["Evercred.AppImage"]);
});
