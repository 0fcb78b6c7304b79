import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { run } from "../../scripts/command.mjs";
import { type SigningKey, withThrowAwayKey } from "../../scripts/gpg.mjs";
import { makeRepositories } from "../../scripts/repositories.mjs";
import { script, temporaryFolder } from "./program.ts";
import { debName, ReleaseFolder, rpmName } from "./release.ts";

let key: SigningKey;
let stranger: SigningKey;
let release: ReleaseFolder;
const ends: (() => void)[] = [];
const lives: Promise<void>[] = [];

/** A key that is there until all tests have ended. */
const lastingKey = () =>
  new Promise<SigningKey>((resolve) => {
    const life = withThrowAwayKey((made) => {
      resolve(made);
      return new Promise<void>((ended) => ends.push(ended));
    });
    lives.push(life);
  });

beforeAll(async () => {
  [key, stranger] = [await lastingKey(), await lastingKey()];
  release = await ReleaseFolder.make(key);
  await release.addRpm("echo installed");
  await release.sign();
});

afterAll(async () => {
  release.remove();
  for (const end of ends) end();
  await Promise.all(lives);
});

const made = async (signer = key, folders = [release.folder]): Promise<string> => {
  const out = join(temporaryFolder(), "out");
  await makeRepositories({ out, folders, key: signer, testBuild: false });
  return out;
};

/** apt with state, lists and sources of its own, which trusts what is given and follows one repository. */
class Apt {
  readonly #root = temporaryFolder();
  readonly #config = join(this.#root, "apt.conf");

  constructor(repository: string, keyring = join(repository, "evercred-archive-keyring.gpg")) {
    // What apt fetches as its own user has to be readable by it.
    chmodSync(this.#root, 0o755);
    for (const folder of ["state/lists/partial", "cache/archives/partial", "etc", "dpkg"]) {
      mkdirSync(join(this.#root, folder), { recursive: true });
    }
    writeFileSync(join(this.#root, "dpkg/status"), "");
    const source = `deb [signed-by=${keyring}] copy:${repository}/apt stable main\n`;
    writeFileSync(join(this.#root, "etc/sources.list"), source);
    const settings = {
      "Dir::State": "state",
      "Dir::State::status": "dpkg/status",
      "Dir::Cache": "cache",
      "Dir::Etc": "etc",
    };
    const lines = Object.entries(settings).map(
      ([name, place]) => `${name} "${join(this.#root, place)}";\n`,
    );
    const rest = ['APT::Architecture "amd64";\n', 'APT::Sandbox::User "root";\n'];
    writeFileSync(this.#config, [...lines, ...rest].join(""));
  }

  /** Runs one of apt's programs in a folder of its own. */
  run(program: string, ...words: readonly string[]): ReturnType<typeof run> {
    const env = { ...process.env, APT_CONFIG: this.#config, LC_ALL: "C" };
    return run(program, words, { env, cwd: this.#root });
  }
}

test("apt takes the list, knows the versions, and fetches the package that was released", async () => {
  const apt = new Apt(await made());
  expect(await apt.run("apt-get", "update")).toMatchObject({ status: 0 });
  expect((await apt.run("apt-cache", "policy", "evercred")).stdout).toContain("Candidate: 1.2.3\n");
  expect(await apt.run("apt-get", "download", "evercred")).toMatchObject({ status: 0 });
});

test("apt refuses a list with a changed byte", async () => {
  const out = await made();
  const file = join(out, "apt/dists/stable/InRelease");
  writeFileSync(file, readFileSync(file, "utf8").replace("Packages of", "Packages by"));
  const { status, output } = await new Apt(out).run("apt-get", "update");
  expect(output).toMatch(/BADSIG|not signed|couldn't be verified/);
  expect(status).not.toBe(0);
});

test("apt refuses the list of another key", async () => {
  const [out, theirs] = [await made(), await made(stranger)];
  const apt = new Apt(theirs, join(out, "evercred-archive-keyring.gpg"));
  const { status, output } = await apt.run("apt-get", "update");
  expect(output).toContain("NO_PUBKEY");
  expect(status).not.toBe(0);
});

test("apt refuses a list of packages that is not the one that was signed", async () => {
  const out = await made();
  const folder = join(out, "apt/dists/stable/main/binary-amd64");
  const file = join(folder, "Packages");
  writeFileSync(file, readFileSync(file, "utf8").replace("libsecret-1-0", "libsecret-2-0"));
  await run("gzip", ["--force", "--keep", file]);
  const { status, output } = await new Apt(out).run("apt-get", "update");
  expect(output).toMatch(/Hash Sum mismatch|unexpected size/);
  expect(status).not.toBe(0);
});

test("apt refuses a package that is not the one that was listed", async () => {
  const out = await made();
  const apt = new Apt(out);
  await apt.run("apt-get", "update");
  appendFileSync(join(out, "apt/pool", debName), "x");
  const { status, output } = await apt.run("apt-get", "download", "evercred");
  expect(output).toMatch(/Hash Sum mismatch|unexpected size/);
  expect(status).not.toBe(0);
});

test("the list of rpms is signed, and names the sum of each", async () => {
  const out = await made();
  const list = join(out, "yum/repodata/repomd.xml");
  const verify = () =>
    run("gpgv", ["--keyring", join(out, "evercred-archive-keyring.gpg"), `${list}.asc`, list]);
  expect(await verify()).toMatchObject({ status: 0 });
  const [, primary] = /href="(repodata\/[^"]*-primary\.xml\.gz)"/.exec(readFileSync(list, "utf8"))!;
  const { stdout: text } = await run("gzip", ["-dc", join(out, "yum", primary!)]);
  const { stdout: sum } = await run("sha256sum", [join(out, "yum", rpmName)]);
  expect(text).toContain(sum.split(" ")[0]);
  appendFileSync(list, " ");
  expect((await verify()).status).not.toBe(0);
});

test("several versions are offered, the next call takes the place of the last, and foreign folders stay", async () => {
  const older = release.copy();
  onTestFinished(() => older.remove());
  const control = join(older.tree, "DEBIAN/control");
  writeFileSync(control, readFileSync(control, "utf8").replace("1.2.3", "1.2.2"));
  await older.repack();
  const out = await made();
  const twice = { out, folders: [release.folder, older.folder], key, testBuild: false };
  await expect(makeRepositories(twice)).rejects.toThrow(
    `${rpmName} is in two releases. Name each version once.`,
  );
  await makeRepositories({ ...twice, folders: [older.folder] });
  const apt = new Apt(out);
  await apt.run("apt-get", "update");
  expect((await apt.run("apt-cache", "madison", "evercred")).stdout).toMatch(
    /^ *evercred \| +1\.2\.2 /,
  );

  await older.change({ version: "1.3.0-beta.1" });
  await expect(makeRepositories({ ...twice, folders: [older.folder] })).rejects.toThrow(
    "1.3.0-beta.1 is a pre-release, and who follows stable gets none. Leave it out.",
  );
  const foreign = temporaryFolder();
  writeFileSync(join(foreign, "thesis.txt"), "a year");
  await expect(makeRepositories({ ...twice, out: foreign })).rejects.toThrow(
    `${foreign} holds something else than repositories. Name an empty folder.`,
  );
});

test("the command offers no release that does not pass", async () => {
  const tampered = release.copy();
  onTestFinished(() => tampered.remove());
  appendFileSync(tampered.path(), "x");
  const out = join(temporaryFolder(), "out");
  const command = (folder: string): ReturnType<typeof run> =>
    run(process.execPath, [script("repositories.mjs"), out, folder], {
      env: { ...process.env, GNUPGHOME: key.home!, EVERCRED_SIGNING_KEY: key.fingerprint },
    });
  const refused = await command(tampered.folder);
  expect(refused.output).toContain(`${debName} is not what was signed.`);
  expect(refused.status).toBe(1);
  expect(await command(release.folder)).toEqual({
    status: 0,
    stdout: `${out}: apt and yum, signed with the key ${key.fingerprint}\n`,
    output: `${out}: apt and yum, signed with the key ${key.fingerprint}\n`,
  });
});
