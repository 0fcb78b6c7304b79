import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { buildWindowsShim, windowsCompiler } from "../../scripts/build-shim.mjs";
import { programPath, run } from "../../scripts/command.mjs";
import { withThrowAwayKey } from "../../scripts/gpg.mjs";
import { isSignedUpdate, publicHalf } from "../../scripts/update-key.mjs";
import { script, temporaryFolder } from "./program.ts";
import { debName, metadataName, ReleaseFolder, verified } from "./release.ts";

let unsigned: ReleaseFolder;

beforeAll(async () => {
  unsigned = await withThrowAwayKey((key) => ReleaseFolder.make(key));
});
afterAll(() => unsigned.remove());

function copy(): ReleaseFolder {
  const release = unsigned.copy();
  onTestFinished(() => release.remove());
  return release;
}

const signer = (words: readonly string[], env: Record<string, string> = {}) =>
  run(process.execPath, [script("sign-release.mjs"), ...words], {
    env: { ...process.env, EVERCRED_SIGNING_KEY: "", SOURCE_DATE_EPOCH: "1700000000", ...env },
  });

test("a test build is signed with a key that is gone, and passes as one only", async () => {
  const release = copy();
  await release.change({ electron: { version: "25.1.1", standIn: true } });
  const temporary = temporaryFolder();
  const { status, output } = await signer([release.folder], { TMPDIR: temporary });
  expect(output).toMatch(
    /^signed 4 files with the key [0-9A-F]{40}\ntest-key\.asc is its public half; the other one is gone\n$/,
  );
  expect(status).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);

  expect((await verified(release.folder, { testBuild: true })).faults).toEqual([]);
  const keyFile = release.path("test-key.asc");
  expect((await verified(release.folder, { keyFile })).faults).toEqual([
    "release.json is of a test build, on an old Electron 25.1.1. Use a release; to try this one say --test-build.",
    "test-key.asc is no part of the release release.json lists. Remove it.",
  ]);
});

test("gpg's agent ends with the key", async () => {
  let agent = 0;
  await withThrowAwayKey(async ({ home }) => {
    const words = ["--homedir", home!, "GETINFO pid", "/bye"];
    const { stdout } = await run("gpg-connect-agent", words);
    agent = Number(/^D (\d+)/.exec(stdout)?.[1]);
    expect(existsSync(`/proc/${agent}`)).toBe(true);
  });
  await expect.poll(() => existsSync(`/proc/${agent}`)).toBe(false);
});

test("a release is signed with the key of the environment, and its passphrase", async () => {
  const release = copy();
  writeFileSync(release.path("test-key.asc"), "of an earlier test build\n");
  const others = ["key-of-a-colleague.asc", "notes.yml"];
  for (const name of others) writeFileSync(release.path(name), "somebody's own\n");
  await withThrowAwayKey(async ({ home }) => {
    const passphrase = join(home!, "passphrase");
    writeFileSync(passphrase, "not known to the agent\n");
    // Else the agent takes as long over a passphrase as it can afford.
    writeFileSync(join(home!, "gpg-agent.conf"), "s2k-count 65536\n");
    await run("gpgconf", ["--homedir", home!, "--kill", "gpg-agent"]);
    const unlocked = ["--pinentry-mode", "loopback", "--passphrase-file", passphrase];
    const key = ["--quick-generate-key", "IT <it@evercred.invalid>", "ed25519", "sign", "never"];
    const words = ["--homedir", home!, "--batch", "--status-fd", "1", ...unlocked, ...key];
    const made = await run("gpg", words);
    const fingerprint = /KEY_CREATED \w (\w+)/.exec(made.stdout)![1]!;
    await run("gpgconf", ["--homedir", home!, "--kill", "gpg-agent"]);

    const { status, output } = await signer([release.folder], {
      GNUPGHOME: home!,
      EVERCRED_SIGNING_KEY: fingerprint.replaceAll(/(.{4})/g, "$1 "),
      EVERCRED_SIGNING_PASSPHRASE_FILE: passphrase,
    });
    expect({ status, output }).toEqual({
      status: 0,
      output: `signed 4 files with the key ${fingerprint}\n`,
    });
    const verifying = await run(process.execPath, [script("verify-release.mjs"), release.folder], {
      env: { ...process.env, GNUPGHOME: home!, EVERCRED_SIGNING_KEY: fingerprint },
    });
    expect(verifying.output.match(/.* is no part of .*\n/g)).toEqual(
      others.map((name) => `${name} is no part of the release release.json lists. Remove it.\n`),
    );
  });
  expect(readdirSync(release.folder).sort()).toEqual([
    ...["SHA256SUMS", "SHA256SUMS.asc", debName, `${debName}.asc`, others[0]],
    ...[metadataName, `${metadataName}.asc`, others[1], "release.json", "release.json.asc"],
  ]);
});

test("update metadata is what electron-updater reads, dated by the commit", async () => {
  const release = copy();
  await signer([release.folder, "--test-build"]);
  const { size } = release.release.files[0]!;
  const hash = /sha512: (\S+)/.exec(readFileSync(release.path(metadataName), "utf8"))![1]!;
  const openssl = await run("sh", [
    "-c",
    `openssl dgst -sha512 -binary "$1" | base64 -w0`,
    "sh",
    release.path(),
  ]);
  expect(hash).toBe(openssl.stdout);
  expect(readFileSync(release.path(metadataName), "utf8")).toBe(
    [
      ...[`name: ${metadataName}`, "channel: stable"],
      ...["version: 1.2.3", "files:", `  - url: ${debName}`, `    sha512: ${hash}`],
      ...[`    size: ${size}`, `path: ${debName}`, `sha512: ${hash}`],
      ...["releaseDate: '2023-11-14T22:13:20.000Z'", ""],
    ].join("\n"),
  );
});

test("update metadata is signed by the key that the app takes updates by, and by no other", async () => {
  const release = copy();
  const folder = temporaryFolder();
  const { privateKey } = generateKeyPairSync("ed25519");
  const other = generateKeyPairSync("ed25519").privateKey;
  const file = join(folder, "key.pem");
  const passphrase = join(folder, "passphrase");
  writeFileSync(passphrase, "a word\n");
  const written = (key: typeof privateKey): string | Buffer =>
    key.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "a word" });
  const sign = async (key: typeof privateKey) => {
    writeFileSync(file, written(key));
    return signer([release.folder, "--test-build"], {
      EVERCRED_UPDATE_KEY: file,
      EVERCRED_UPDATE_PASSPHRASE_FILE: passphrase,
    });
  };
  expect(await sign(privateKey)).toMatchObject({
    status: 1,
    output:
      "What was built takes no updates, so none is signed. Build it with EVERCRED_UPDATE_KEY, or unset that.\n",
  });
  const updateKey = publicHalf(privateKey);
  await release.change({ updateKey });
  const another = {
    status: 1,
    output:
      "EVERCRED_UPDATE_KEY is not the key that what was built takes updates by. Set it to that one.\n",
  };
  expect(await sign(other)).toMatchObject(another);
  expect(await signer([release.folder, "--test-build"])).toMatchObject(another);
  expect(await sign(privateKey)).toMatchObject({ status: 0 });
  expect(await isSignedUpdate(release.path(metadataName), updateKey)).toBe(true);
  expect(await isSignedUpdate(release.path(metadataName), publicHalf(other))).toBe(false);
  expect((await verified(release.folder, { testBuild: true })).faults).toEqual([]);

  appendFileSync(release.path(metadataName), "# more\n");
  expect(await isSignedUpdate(release.path(metadataName), updateKey)).toBe(false);
  writeFileSync(file, "no key");
  const unread = await signer([release.folder, "--test-build"], { EVERCRED_UPDATE_KEY: file });
  expect(unread.output).toMatch(/^EVERCRED_UPDATE_KEY names no private key that can be read\. /);
});

test("a pre-release, another processor and the headless package stay out of each other's metadata", async () => {
  const release = copy();
  for (const [name, kind] of [
    ["evercred_1.3.0_arm64.deb", "deb"],
    ["evercred-1.3.0.AppImage", "appimage"],
    ["evercred-headless_1.3.0_amd64.deb", "headless-deb"],
    ["evercred-1.3.0-x64.exe", "nsis"],
    ["evercred-1.3.0.dmg", "dmg"],
    ["evercred-1.3.0-mac.zip", "zip"],
  ] as const) {
    writeFileSync(release.path(name), name);
    await release.relist(name, { kind });
  }
  await release.change({ version: "1.3.0-beta.2" });
  expect(await run(process.execPath, [script("update-metadata.mjs"), release.folder])).toEqual({
    status: 0,
    stdout: "beta.yml\nbeta-mac.yml\nbeta-linux.yml\nbeta-linux-arm64.yml\n",
    output: "beta.yml\nbeta-mac.yml\nbeta-linux.yml\nbeta-linux-arm64.yml\n",
  });
  const urls = (name: string): string[] =>
    [...readFileSync(release.path(name), "utf8").matchAll(/url: (.*)/g)].map(([, url]) => url!);
  expect(urls("beta-linux.yml")).toEqual(["evercred-1.3.0.AppImage", debName]);
  expect(urls("beta-linux-arm64.yml")).toEqual(["evercred_1.3.0_arm64.deb"]);
  expect(urls("beta-mac.yml")).toEqual(["evercred-1.3.0-mac.zip", "evercred-1.3.0.dmg"]);
  expect(urls("beta.yml")).toEqual(["evercred-1.3.0-x64.exe"]);
});

test("nothing is signed that is not as it was built, and no release without its key", async () => {
  const release = copy();
  const refused = async (sentence: string, words: string[], env: Record<string, string> = {}) => {
    const before = readFileSync(release.path(`${debName}.asc`), "utf8");
    const { status, output } = await signer([release.folder, ...words], env);
    expect({ status, output }).toEqual({ status: 1, output: `${sentence}\n` });
    expect(readFileSync(release.path(`${debName}.asc`), "utf8")).toBe(before);
  };
  const key = { EVERCRED_SIGNING_KEY: "A".repeat(40) };
  await refused(
    "A release is signed with the key whose fingerprint is in EVERCRED_SIGNING_KEY. Set it, or say --test-build.",
    [],
  );
  await refused(
    "EVERCRED_SIGNING_KEY is no fingerprint. Set it to the key's 40 digits, as gpg --fingerprint shows them.",
    [],
    { EVERCRED_SIGNING_KEY: "it@evercred.invalid" },
  );
  await refused(
    "A test build gets a throw-away key. Unset EVERCRED_SIGNING_KEY.",
    ["--test-build"],
    key,
  );
  appendFileSync(release.path(), "x");
  await refused(`${debName} is not what release.json lists. Make the release again.`, [], key);
  expect(await signer([])).toMatchObject({
    status: 2,
    output: "Usage: node scripts/sign-release.mjs FOLDER [--test-build]\n",
  });
});

test.runIf(programPath(windowsCompiler) && programPath("osslsigncode"))(
  "the client for Windows is signed, listed as it is then, and verified",
  async () => {
    const release = copy();
    const name = "evercred-1.2.3-x64.exe";
    const outFile = script("../node_modules/.cache/shim-under-test/evercred.exe");
    await buildWindowsShim({ usage: "usage\n", version: "1.2.3", outFile });
    copyFileSync(outFile, release.path(name));
    const bare = readFileSync(release.path(name));
    await release.relist(name, { kind: "shim-exe" });
    await release.change({ electron: { version: "25.1.1", standIn: true } });
    expect(await signer([release.folder])).toMatchObject({ status: 0 });
    const { oks, faults } = await verified(release.folder, { testBuild: true });
    expect(faults).toEqual([]);
    expect(oks).toContain(`${name} is signed for Windows`);

    const sentence = `${name} carries no signature that leads to test-certificate.pem. Do not install it.`;
    const signed = readFileSync(release.path(name));
    signed.write("spy", signed.indexOf("usage"));
    await withThrowAwayKey(async (key) => {
      const changed = release.copy(key);
      onTestFinished(() => changed.remove());
      for (const bytes of [bare, signed]) {
        writeFileSync(changed.path(name), bytes);
        await changed.relist(name);
        await changed.sign();
        expect((await verified(changed.folder, { testBuild: true })).faults).toEqual([sentence]);
      }
    });
  },
);
