import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { programPath, run } from "../../scripts/command.mjs";
import { project, temporaryFolder } from "./program.ts";

const fpm = join(project, "packaging/fpm.mjs");

let packages = 0;

/** Makes a package of a small folder, as electron-builder asks for it. */
const packed = async (kind: "deb" | "rpm", out: string, ...more: readonly string[]) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "app"));
  for (const [name, mode] of [
    ["evercred-app", 0o755],
    ["chrome-sandbox", 0o755],
    ["data", 0o600],
  ] as const) {
    writeFileSync(join(folder, "app", name), name);
    // Each time another age.
    utimesSync(join(folder, "app", name), ++packages, packages);
    chmodSync(join(folder, "app", name), mode);
  }
  for (const name of ["first", "second"]) writeFileSync(join(folder, name), name);
  symlinkSync("../../opt/Evercred/evercred-app", join(folder, "link"));
  const words = [
    ...["-s", "dir", "--force", "-t", kind, "-d", "libsecret-1-0", "--architecture", "amd64"],
    ...["--after-install", join(project, "packaging/linux/after-install.sh")],
    ...["--after-remove", join(project, "packaging/linux/after-remove.sh")],
    `--before-remove=${join(project, "packaging/linux/before-remove.sh")}`,
    ...["--description", "one line\n and another", "--version", "1.2.3~test", "--package", out],
    ...["--name", "evercred", "--maintainer", "E <e@e.invalid>", "--license", "Apache-2.0"],
    ...more,
    `${folder}/first=/etc/xdg/autostart/e.desktop`,
    `${folder}/link=/usr/bin/evercred`,
    `${folder}/app/=/opt/Evercred`,
    `${folder}/second=/etc/xdg/autostart/e.desktop`,
  ];
  const env = { ...process.env, SOURCE_DATE_EPOCH: "1700000000" };
  return run(process.execPath, [fpm, ...words], { env });
};

test("the same files make the same deb, which root owns and dpkg can take back", async () => {
  const folder = temporaryFolder();
  const files = ["a.deb", "b.deb"].map((name) => join(folder, name)) as [string, string];
  for (const file of files) {
    expect(await packed("deb", file, "--deb-compression", "gz")).toMatchObject({
      status: 0,
      output: "",
    });
  }
  expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
  const listing = execFileSync("dpkg-deb", ["--contents", files[0]], { encoding: "utf8" });
  const lines = listing.split("\n").map((line) => line.split(/\s+/u));
  const modes = Object.fromEntries(lines.map(([mode, , , , , path]) => [path, mode]));
  expect(modes).toMatchObject({
    "./opt/Evercred/evercred-app": "-rwxr-xr-x",
    "./opt/Evercred/chrome-sandbox": "-rwsr-xr-x",
    "./opt/Evercred/data": "-rw-r--r--",
    "./usr/bin/evercred": "lrwxrwxrwx",
  });
  expect(new Set(lines.map(([, owner]) => owner).filter(Boolean))).toEqual(new Set(["root/root"]));
  const control = join(folder, "control");
  await run("dpkg-deb", ["--control", files[0], control]);
  expect(readdirSync(control).sort()).toEqual([
    "conffiles",
    "control",
    "md5sums",
    "postinst",
    "postrm",
    "prerm",
  ]);
  expect(readFileSync(join(control, "conffiles"), "utf8")).toBe("/etc/xdg/autostart/e.desktop\n");
  expect(readFileSync(join(control, "control"), "utf8")).toContain(
    "Version: 1.2.3~test\nArchitecture: amd64\n",
  );
  // Of two files for one place the first stands.
  await run("dpkg-deb", ["--extract", files[0], join(folder, "root")]);
  expect(readFileSync(join(folder, "root/etc/xdg/autostart/e.desktop"), "utf8")).toBe("first");
});

test("what the packager does not know it refuses", async () => {
  const out = join(temporaryFolder(), "a.deb");
  const { status, output } = await packed("deb", out, "--deb-after-purge", "x");
  expect([status, existsSync(out)]).toEqual([1, false]);
  expect(output).toContain("--deb-after-purge");
});

test.runIf(programPath("rpmbuild") !== undefined)("the same files make the same rpm", async () => {
  const folder = temporaryFolder();
  const files = ["a.rpm", "b.rpm"].map((name) => join(folder, name)) as [string, string];
  for (const file of files) expect(await packed("rpm", file)).toMatchObject({ status: 0 });
  expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true);
  const query = [
    "-qp",
    "--dbpath",
    folder,
    "--qf",
    "%{VERSION} %{ARCH} %{BUILDTIME} %{BUILDHOST}\n[%{FILEMODES:perms} %{FILENAMES}\n]",
  ];
  const { stdout } = await run("rpm", [...query, files[0]]);
  expect(stdout).toMatch(/^1\.2\.3~test x86_64 1700000000 reproducible$/mu);
  expect(stdout).toContain("-rwsr-xr-x /opt/Evercred/chrome-sandbox\n");
  expect(stdout).toContain("-rwxr-xr-x /opt/Evercred/evercred-app\n");
});

test("the package of the app and the one without a desktop take each other's place, by dpkg alone", async () => {
  const folder = temporaryFolder();
  const root = join(folder, "root");
  mkdirSync(join(root, "var/lib/dpkg/updates"), { recursive: true });
  mkdirSync(join(root, "var/lib/dpkg/info"));
  for (const name of ["status", "available"]) writeFileSync(join(root, "var/lib/dpkg", name), "");
  const names = ["evercred", "evercred-headless"] as const;
  for (const [at, name] of names.entries()) {
    const text = join(folder, name);
    writeFileSync(text, name);
    const other = names[1 - at]!;
    const words = [
      ...["-s", "dir", "-t", "deb", "--name", name, "--architecture", "all", "--version", "1"],
      ...["--maintainer", "E <e@e.invalid>", "--description", "one", "--deb-compression", "gz"],
      ...[`--conflicts=${other}`, `--replaces=${other}`, "--package", `${text}.deb`],
      `${text}=/usr/bin/evercred`,
    ];
    expect(await run(process.execPath, [fpm, ...words])).toMatchObject({ status: 0, output: "" });
  }
  const install = async (name: string): Promise<string> => {
    const file = join(folder, `${name}.deb`);
    await run("dpkg", [`--root=${root}`, "--force-not-root", "--log=/dev/null", "-i", file]);
    return readFileSync(join(root, "usr/bin/evercred"), "utf8");
  };
  for (const name of [...names, ...names]) expect(await install(name)).toBe(name);
});
