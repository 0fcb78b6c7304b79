#!/usr/bin/env node
// What electron-builder calls for a deb and an rpm in place of fpm (CUSTOM_FPM_PATH): dpkg-deb and rpmbuild do the work.
// With SOURCE_DATE_EPOCH the same files give the same bytes.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const string = { type: "string" };
const list = { type: "string", multiple: true, default: [] };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    source: { ...string, short: "s" },
    target: { ...string, short: "t" },
    depends: { ...list, short: "d" },
    conflicts: list,
    provides: list,
    replaces: list,
    force: { type: "boolean" },
    debug: { type: "boolean" },
    log: string,
    name: string,
    version: string,
    iteration: string,
    architecture: string,
    description: string,
    maintainer: string,
    vendor: string,
    url: string,
    category: string,
    license: string,
    package: string,
    "after-install": string,
    "after-remove": string,
    "before-remove": string,
    "deb-recommends": list,
    "deb-suggests": list,
    "deb-priority": string,
    "deb-compression": string,
    "rpm-compression": string,
    "rpm-os": string,
    "rpm-summary": string,
  },
});

/** The scripts of a package: how dpkg and rpm call them, and the option that names the file. */
const scripts = [
  { deb: "postinst", rpm: "post", file: values["after-install"] },
  { deb: "prerm", rpm: "preun", file: values["before-remove"] },
  { deb: "postrm", rpm: "postun", file: values["after-remove"] },
].filter(({ file }) => file !== undefined);

const epoch = process.env.SOURCE_DATE_EPOCH;

/**
 * Copies `FROM=TO` below the root: a folder with a slash at its end is copied as what is in it. Of two with one target the
 * first stands: the options come before what electron-builder makes, and outrank it.
 */
function gather(root) {
  const taken = new Set();
  for (const mapping of positionals) {
    const at = mapping.lastIndexOf("=");
    const [from, to] = [mapping.slice(0, at), mapping.slice(at + 1)];
    if (at < 1 || !to.startsWith("/")) throw new Error(`Not FROM=/TO: ${mapping}`);
    if (taken.has(to)) continue;
    taken.add(to);
    const place = join(root, to);
    mkdirSync(dirname(place), { recursive: true });
    const whole = from.endsWith("/") ? ["-T"] : [];
    execFileSync("cp", ["-a", "--no-preserve=ownership", ...whole, from, place]);
  }
}

/** All that is in a folder, the folder itself left out, by path, in an order that does not depend on the disk. */
function entriesOf(root, below = "") {
  const names = readdirSync(join(root, below)).sort();
  return names.flatMap((name) => {
    const path = `${below}/${name}`;
    const stat = lstatSync(join(root, path));
    const own = { path, stat };
    return stat.isDirectory() ? [own, ...entriesOf(root, path)] : [own];
  });
}

/** What may be run may be run by all, and only root may change anything, whatever the umask of the build was. */
function setModes(root) {
  for (const { path, stat } of entriesOf(root)) {
    if (stat.isSymbolicLink()) continue;
    const isProgram = stat.isDirectory() || (stat.mode & 0o111) !== 0;
    chmodSync(join(root, path), modeOf(path, isProgram));
  }
}

/** Chromium's helper is setuid: it makes the sandbox where the system allows users no namespaces of their own. */
function modeOf(path, isProgram) {
  if (basename(path) === "chrome-sandbox") return 0o4755;
  return isProgram ? 0o755 : 0o644;
}

function setTimes(root) {
  if (epoch === undefined) return;
  for (const { path } of entriesOf(root)) {
    lutimesSync(join(root, path), Number(epoch), Number(epoch));
  }
}

function required(name) {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing.`);
  return value;
}

/** The first line is the summary. */
function descriptionLines() {
  const [summary = "", ...rest] = required("description").split("\n");
  return { summary: summary.trim(), rest: rest.map((line) => line.trim()).filter(Boolean) };
}

function versionText() {
  return required("version") + (values.iteration === undefined ? "" : `-${values.iteration}`);
}

function makeDeb(root, out) {
  const entries = entriesOf(root);
  const folder = join(root, "DEBIAN");
  mkdirSync(folder, { mode: 0o755 });
  const put = (name, text, mode = 0o644) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  };
  const { summary, rest } = descriptionLines();
  // As dpkg counts: whole kilobytes a file, one for everything else.
  const kilobytes = entries
    .map(({ stat }) => (stat.isFile() ? Math.ceil(stat.size / 1024) : 1))
    .reduce((sum, size) => sum + size, 0);
  const fields = {
    Package: required("name"),
    Version: versionText(),
    Architecture: required("architecture"),
    Maintainer: required("maintainer"),
    "Installed-Size": String(kilobytes),
    Depends: values.depends.join(", "),
    Recommends: values["deb-recommends"].join(", "),
    Suggests: values["deb-suggests"].join(", "),
    Conflicts: values.conflicts.join(", "),
    // In an rpm it would be an order to upgrade from the one to the other.
    Replaces: values.replaces.join(", "),
    Provides: values.provides.join(", "),
    Section: values.category ?? "utils",
    Priority: values["deb-priority"] ?? "optional",
    Homepage: values.url ?? "",
  };
  const control = Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
  put("control", `${control}Description: ${summary}\n${rest.map((line) => ` ${line}\n`).join("")}`);
  const files = entries.filter(({ stat }) => stat.isFile()).map(({ path }) => path);
  const sums = execFileSync("md5sum", ["--", ...files.map((path) => path.slice(1))], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  put("md5sums", sums);
  const settings = files.filter((path) => path.startsWith("/etc/"));
  if (settings.length > 0) put("conffiles", settings.map((path) => `${path}\n`).join(""));
  for (const { deb, file } of scripts) put(deb, readFileSync(file), 0o755);
  setTimes(root);
  const kind =
    { gz: "gzip", zst: "zstd" }[values["deb-compression"]] ?? values["deb-compression"] ?? "xz";
  const level = kind === "gzip" ? ["-z1"] : [];
  execFileSync("dpkg-deb", ["--root-owner-group", `-Z${kind}`, ...level, "--build", root, out], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

const rpmPayloads = {
  xzmt: "w6T0.xzdio",
  xz: "w6.xzdio",
  zstd: "w3.zstdio",
  gz: "w1.gzdio",
  gzip: "w1.gzdio",
};
const rpmArchitectures = { amd64: "x86_64", x64: "x86_64", arm64: "aarch64" };

function makeRpm(root, out, work) {
  setTimes(root);
  const literal = (text) => text.replaceAll("%", "%%");
  const { summary, rest } = descriptionLines();
  const [whole] = summary === "" ? rest : [summary];
  const files = entriesOf(root).flatMap(({ path, stat }) => {
    // Folders that others use as well are theirs.
    const isOwn = path.startsWith("/opt/") || /^\/usr\/share\/doc\/./.test(path);
    if (stat.isDirectory()) return isOwn ? [`%dir "${path}"`] : [];
    const mode = (stat.mode & 0o4000) === 0 ? "" : "%attr(4755, root, root) ";
    return [`${path.startsWith("/etc/") ? "%config(noreplace) " : mode}"${literal(path)}"`];
  });
  const fields = {
    Name: required("name"),
    Version: required("version"),
    Release: values.iteration ?? "1",
    Summary: literal(values["rpm-summary"] ?? whole),
    License: values.license ?? "unknown",
    Vendor: values.vendor,
    Packager: values.maintainer,
    URL: values.url,
    AutoReqProv: "no",
  };
  const spec = [
    ...Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    ),
    ...values.depends.map((name) => `Requires: ${name}`),
    ...values.conflicts.map((name) => `Conflicts: ${name}`),
    "%description",
    literal(values.description),
    "%install",
    "mkdir -p %{buildroot}",
    `cp -a '${root}/.' %{buildroot}/`,
    ...scripts.flatMap(({ rpm, file }) => [`%${rpm}`, literal(readFileSync(file, "utf8"))]),
    "%files",
    "%defattr(-, root, root, -)",
    ...files,
    "",
  ].join("\n");
  const specFile = join(work, "evercred.spec");
  writeFileSync(specFile, spec);
  const architecture = required("architecture");
  const payload = rpmPayloads[values["rpm-compression"] ?? "xz"];
  if (payload === undefined) throw new Error(`No payload for ${values["rpm-compression"]}.`);
  const defines = {
    _topdir: join(work, "build"),
    _rpmdir: join(work, "made"),
    _dbpath: join(work, "database"),
    _binary_payload: payload,
    _build_id_links: "none",
    // Programs are packed as they were built.
    __strip: "/bin/true",
    __os_install_post: "%{nil}",
    debug_package: "%{nil}",
    ...(epoch === undefined
      ? {}
      : {
          use_source_date_epoch_as_buildtime: "1",
          clamp_mtime_to_source_date_epoch: "1",
          _buildhost: "reproducible",
        }),
  };
  const words = Object.entries(defines).flatMap(([name, value]) => [
    "--define",
    `${name} ${value}`,
  ]);
  const target = `${rpmArchitectures[architecture] ?? architecture}-unknown-linux`;
  const buildRoot = join(work, "buildroot");
  execFileSync(
    "rpmbuild",
    ["-bb", "--quiet", "--target", target, "--buildroot", buildRoot, ...words, specFile],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const made = readdirSync(join(work, "made"), { recursive: true }).filter((name) =>
    name.endsWith(".rpm"),
  );
  if (made.length !== 1) throw new Error(`rpmbuild has made ${String(made.length)} packages.`);
  copyFileSync(join(work, "made", made[0]), out);
}

function main() {
  if (values.source !== "dir") throw new Error("Packages are made of folders only: -s dir.");
  const out = resolve(required("package"));
  const work = mkdtempSync(join(tmpdir(), "evercred-package-"));
  try {
    const root = join(work, "root");
    mkdirSync(root, { mode: 0o755 });
    chmodSync(root, 0o755);
    gather(root);
    setModes(root);
    mkdirSync(dirname(out), { recursive: true });
    if (values.target === "deb") makeDeb(root, out);
    else if (values.target === "rpm") makeRpm(root, out, work);
    else throw new Error(`deb and rpm are made here, not ${values.target}.`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  main();
} catch (error) {
  console.error(`fpm.mjs: ${error.message}`);
  process.exitCode = 1;
}
