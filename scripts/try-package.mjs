// Installs the built package in this machine and lives with it as a plain user: npm run try-package -- [FOLDER]. FOLDER is
// what npm run dist has made, dist/release by itself. Needs root on Debian, and is for a machine that may be changed.
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { run } from "./command.mjs";
import { withThrowAwayKey } from "./gpg.mjs";
import { installed } from "./package-parts.mjs";
import { readRelease } from "./release.mjs";
import { hostile } from "./trial-hostile.mjs";
import { asUser, launch, Login, processesOfPackage, signalUser, user } from "./trial-login.mjs";
import { awsConfig, startProviders } from "./trial-providers.mjs";
import { TrialRepository } from "./trial-repository.mjs";
import { check, claim, failed, must, soon } from "./trial-steps.mjs";

const project = dirname(import.meta.dirname);
const autostart = "/etc/xdg/autostart/dev.evercred.app.desktop";
const needed = ["xfce4-panel", "xfwm4", "libglib2.0-bin", "gnome-keyring", "xvfb", "xauth", "dbus"];
/** Parts of the system that a package may write to; what dpkg and apt keep of their own is theirs. */
const watched = ["/etc", "/opt", "/usr", "/var/lib/systemd"];

const root = await mkdtemp(join(tmpdir(), "evercred-try-"));
const closers = [() => rm(root, { recursive: true, force: true })];

const aptSettings = ["DPkg::Lock::Timeout=120", "Acquire::http::Proxy::127.0.0.1=DIRECT"].flatMap(
  (setting) => ["-o", setting],
);

const apt = (...args) =>
  must("apt-get", [...aptSettings, "-y", "--no-install-recommends", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });

async function listing() {
  const { stdout } = await run("find", [
    ...watched.filter(existsSync),
    "-xdev",
    "-not",
    "-type",
    "d",
  ]);
  // The caches of libraries, icons and manuals are written anew by other packages' triggers.
  return new Set(
    stdout.split("\n").filter((path) => !/\.cache$|\/mimeinfo|ld\.so|icon-theme/.test(path)),
  );
}

/** A package of a release, copied to where apt's own user can read it; undefined where there is none of the kind. */
async function packageIn(folder, kind = "deb") {
  const { files, version } = await readRelease(folder);
  const entry = files.find((each) => each.kind === kind);
  if (entry === undefined) return undefined;
  const file = join(root, entry.name);
  await copyFile(join(folder, entry.name), file);
  const { Package, Version } = entry.fields;
  return { folder, file, version, name: `${Package}=${Version}` };
}

/** The same once more, under the next version. */
async function nextPackage({ version }) {
  const [major, minor, patch] = version.split(/[.-]/).map(Number);
  const next = `${major}.${minor}.${patch + 1}-test`;
  const out = join(project, "dist", "release-next");
  const words = ["--quick", "--version", next, "--out", out, "deb"];
  await must(process.execPath, [join(project, "scripts", "dist.mjs"), ...words]);
  return packageIn(out);
}

async function tryPackage(folder, key) {
  if (process.getuid() !== 0) throw new Error("This installs packages: run it as root.");
  if (existsSync("/opt/Evercred")) {
    throw new Error("Evercred is installed here already. Remove it first: apt-get purge evercred");
  }
  if (existsSync(installed.headless)) {
    throw new Error(
      "evercred-headless is installed here, and the package would take its place. Remove it first: apt-get purge evercred-headless",
    );
  }
  if (!existsSync(join(folder, "release.json"))) {
    console.log("Building the package first.");
    await must(process.execPath, [
      join(project, "scripts", "dist.mjs"),
      "--quick",
      "--out",
      folder,
      "deb",
    ]);
  }
  await apt("install", ...needed);
  await chmod(root, 0o755);
  const first = await packageIn(folder);
  if (first === undefined) throw new Error(`There is no deb in ${folder}. Run: npm run dist`);
  const headless = await packageIn(folder, "headless-deb");
  const next = await nextPackage(first);
  // What the package needs of others is there before, and stays.
  await apt("install", "--download-only", first.file);
  const { cloud, env, close } = await startProviders(root);
  closers.push(close);
  await run("userdel", ["-r", user]);
  await must("useradd", ["-m", "-s", "/bin/sh", user]);
  const home = `/home/${user}`;
  const runtime = join(root, "runtime");
  await mkdir(runtime, { mode: 0o700 });
  await must("chown", [user, runtime]);
  closers.push(async () => {
    await signalUser("SIGKILL");
    await soon(() => must("userdel", ["-r", user]));
  });
  closers.push(async () => {
    if (existsSync("/opt/Evercred")) await apt("purge", "evercred");
    if (existsSync(installed.headless)) await apt("purge", "evercred-headless");
    await rm("/opt/Evercred", { recursive: true, force: true });
  });
  const repository = await TrialRepository.open(root, key);
  closers.push(() => repository.close());
  const open = () => Login.open(home, runtime, env);
  await liveWith({ first, next, headless, cloud, home, open, repository });
}

async function liveWith({ first, next, headless, cloud, home, open, repository }) {
  await must("apt-get", [...aptSettings, "-s", "install", first.file]);
  for (const { file } of [first, headless].filter(Boolean)) await installDependencies(file);
  await repository.publish([first.folder]);
  await repository.follow();
  const before = await listing();
  await check("apt refuses the repository where another key has signed it", async () => {
    await withThrowAwayKey((stranger) => repository.publish([first.folder], stranger));
    await repository.refused();
    await repository.publish([first.folder]);
  });
  await check("apt refuses the repository with one byte changed", () =>
    repository.refused((path, bytes) => {
      const at = path.endsWith("InRelease") ? bytes.indexOf("Packages of") : -1;
      if (at >= 0) bytes[at] ^= 1;
      return bytes;
    }),
  );
  await check(`apt installs ${first.version} from the signed repository`, async () => {
    claim(
      (await run("apt-get", ["-s", "install", "evercred"])).status !== 0,
      "It was there before.",
    );
    await repository.update();
    await apt("install", "evercred");
  });
  await check("what is installed is what was packed", () => must("dpkg", ["--verify", "evercred"]));
  let login = await open();
  closers.push(() => login.close());

  await check("evercred is on PATH, of the package's version", async () => {
    claim(
      (await login.evercred("version")).includes(first.version),
      await login.evercred("version"),
    );
  });
  await check("at a login of somebody with nothing to sign in to, nothing starts", async () => {
    await launch(login, autostart);
    claim((await login.run(installed.atLogin, [])).status === 0, "It has failed.");
    claim((await processesOfPackage()).length === 0, "The app runs.");
  });
  await asUser(join(home, ".aws/config"), awsConfig(cloud.organisation()));
  await check("at a login with an AWS profile the app starts, in Chromium's sandbox", async () => {
    await launch(login, autostart);
    await soon(() => login.daemon());
    const words = await Promise.all(
      (await processesOfPackage()).map((id) => readFile(`/proc/${id}/cmdline`, "utf8")),
    );
    claim(!words.some((line) => line.includes("no-sandbox")), words.join("\n"));
  });
  await check("its icon is in the panel", () => soon(() => login.trayIcon()));
  const signIns = () => cloud.log.count({ path: "/authorize" });
  await check("signing in works, and Claude Code's commands get keys", async () => {
    await login.evercred("login");
    const { Credentials } = JSON.parse(await login.evercred("aws", "export", "--profile", "p"));
    claim(Credentials.SessionToken.length > 0, "There are no keys.");
    claim(signIns() === 1, `${signIns()} pages were opened.`);
  });
  const keeps = async () => {
    await soon(() => login.daemon());
    await login.evercred("aws", "export", "--profile", "p", "--fresh");
    claim(signIns() === 1, "A browser was needed again.");
  };
  await check("after a new login the session is still there", async () => {
    await login.close();
    login = await open();
    await launch(login, autostart);
    await keeps();
  });
  await check(`apt upgrades to ${next.version} under the running app, which keeps it`, async () => {
    await repository.publish([first.folder, next.folder]);
    await repository.update();
    await apt("install", "--only-upgrade", "evercred");
    claim((await login.evercred("version")).includes(next.version), "The client is the old one.");
    await login.evercred("daemon", "restart");
    await soon(async () => {
      const { version } = await login.daemon();
      claim(version === next.version, `The daemon is of ${version}.`);
    });
    await keeps();
  });
  await check("hostile surroundings change nothing of what runs", () => hostile(login, home, next));
  await check("apt goes back to the version before, and the session is still there", async () => {
    await apt("install", "--allow-downgrades", first.name);
    await login.evercred("daemon", "restart");
    await keeps();
  });
  if (headless === undefined) {
    console.log("       There is no evercred-headless to try: npm run dist makes it.");
  } else {
    await check(
      "evercred-headless and the app take each other's place, and the session",
      async () => {
        await apt("install", headless.name);
        claim((await processesOfPackage()).length === 0, "The app runs on.");
        await keeps();
        claim(!existsSync(installed.app), "The app is still installed.");
        await apt("install", first.name);
        claim(!existsSync(installed.headless), "evercred-headless is still installed.");
        await launch(login, autostart);
        await keeps();
        claim((await processesOfPackage()).length > 0, "Another daemon answers.");
      },
    );
  }
  await check("evercred reset takes everything back", async () => {
    await login.evercred("reset", "--yes");
    await soon(async () => claim((await processesOfPackage()).length === 0, "The app runs on."));
    const { stdout } = await run("find", [home, "-ipath", "*evercred*"]);
    claim(stdout === "", `Left in the home: ${stdout}`);
    const service = ["-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets"];
    const search = ["-m", "org.freedesktop.Secret.Service.SearchItems", "{'service': 'Evercred'}"];
    const items = await login.must("gdbus", "call", "--session", ...service, ...search);
    claim(items === "(@ao [], @ao [])\n", `Left in the keyring: ${items}`);
  });
  await check("a package that is removed ends the app, and names evercred reset", async () => {
    await launch(login, autostart);
    await soon(() => login.daemon());
    const said = await apt("remove", "evercred");
    claim(said.includes("evercred reset"), said);
    await soon(async () => claim((await processesOfPackage()).length === 0, "The app runs on."));
  });
  await check("purged, it has left nothing on the system", async () => {
    await apt("purge", "evercred");
    const after = await listing();
    const left = [...after].filter((path) => !before.has(path));
    claim(left.length === 0 && !existsSync("/opt/Evercred"), `Left: ${left.join(" ")}`);
  });
}

/** Installs what the package depends on, and not the package. */
async function installDependencies(file) {
  const simulated = await must("apt-get", ["-s", "--no-install-recommends", "install", file]);
  const names = [...simulated.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  const others = names.filter((name) => !name.startsWith("evercred"));
  if (others.length > 0) await apt("install", ...others);
}

let isBroken = false;
try {
  const folder = resolve(process.argv[2] ?? join(project, "dist", "release"));
  await withThrowAwayKey(async (key) => tryPackage(folder, key));
} catch (error) {
  isBroken = true;
  console.error(error.message);
} finally {
  for (const close of closers.reverse()) {
    await close().catch((error) => console.error(error.message));
  }
}
const failures = failed() + (isBroken ? 1 : 0);
console.log(failures === 0 ? "The package works." : `${failures} of it failed.`);
process.exitCode = failures === 0 ? 0 : 1;
