import { run, programPath } from "./command.mjs";

/**
 * What a step needs from the system: Debian's package names (the newer name first where a release renamed it), and a
 * check for systems without dpkg: a program, a shared library, a pkg-config or a Python module.
 */
const needs = {
  build: [
    { packages: ["libsecret-1-dev"], module: "libsecret-1" },
    { packages: ["musl-tools"], program: "musl-gcc" },
    { packages: ["python3"], program: "python3" },
    { packages: ["make"], program: "make" },
    { packages: ["g++"], program: "g++" },
  ],
  demo: [
    { packages: ["xvfb"], program: "Xvfb" },
    { packages: ["xauth"], program: "xauth" },
    { packages: ["dbus"], program: "dbus-run-session" },
    { packages: ["dbus-x11"], program: "dbus-launch" },
    { packages: ["gnome-keyring"], program: "gnome-keyring-daemon" },
    { packages: ["libgtk-3-0t64", "libgtk-3-0"], library: "libgtk-3.so.0" },
    { packages: ["libnss3"], library: "libnss3.so" },
    { packages: ["libasound2t64", "libasound2"], library: "libasound.so.2" },
    { packages: ["libgbm1"], library: "libgbm.so.1" },
    { packages: ["libxss1"], library: "libXss.so.1" },
    { packages: ["libnotify4"], library: "libnotify.so.4" },
    { packages: ["openssl"], program: "openssl" },
    { packages: ["chromium"], program: "chromium" },
    { packages: ["fonts-dejavu-core"], program: "fc-match" },
  ],
  test: [
    { packages: ["gcc-mingw-w64-x86-64"], program: "x86_64-w64-mingw32-gcc" },
    { packages: ["clang"], program: "clang" },
    // The sanitizers and libFuzzer, which clang only recommends.
    { packages: ["libclang-rt-dev"], program: "clang" },
    { packages: ["awscli"], program: "/usr/bin/aws" },
    { packages: ["python3-boto3"], python: "boto3" },
    { packages: ["procps"], program: "ps" },
    { packages: ["libglib2.0-bin"], program: "gdbus" },
    { packages: ["desktop-file-utils"], program: "desktop-file-validate" },
    { packages: ["python3-dbus"], python: "dbus" },
    { packages: ["python3-gi"], python: "gi" },
    { packages: ["curl"], program: "curl" },
    { packages: ["tinyproxy-bin"], program: "tinyproxy" },
    { packages: ["zsh"], program: "zsh" },
    { packages: ["fish"], program: "fish" },
    { packages: ["openssh-client"], program: "ssh" },
    { packages: ["openssh-server"], program: "/usr/sbin/sshd" },
    { packages: ["gnupg"], program: "gpg" },
    { packages: ["gpgv"], program: "gpgv" },
    { packages: ["osslsigncode"], program: "osslsigncode" },
    { packages: ["rpm"], program: "rpmbuild" },
    { packages: ["rpm2cpio"], program: "rpm2archive" },
    { packages: ["apt-utils"], program: "apt-ftparchive" },
    { packages: ["createrepo-c"], program: "createrepo_c" },
    { packages: ["nsis"], program: "makensis" },
    { packages: ["strace"], program: "strace" },
  ],
  bench: [
    { packages: ["hyperfine"], program: "hyperfine" },
    { packages: ["binutils"], program: "strip" },
    { packages: ["awscli"], program: "/usr/bin/aws" },
    { packages: ["libglib2.0-bin"], program: "gdbus" },
    { packages: ["openssh-client"], program: "ssh-add" },
  ],
  dist: [
    { packages: ["dpkg"], program: "dpkg-deb" },
    { packages: ["rpm"], program: "rpmbuild" },
    { packages: ["rpm2cpio"], program: "rpm2archive" },
    { packages: ["gnupg"], program: "gpg" },
    { packages: ["gpgv"], program: "gpgv" },
    { packages: ["git"], program: "git" },
    { packages: ["gcc-mingw-w64-x86-64"], program: "x86_64-w64-mingw32-gcc" },
    { packages: ["osslsigncode"], program: "osslsigncode" },
    { packages: ["openssl"], program: "openssl" },
    { packages: ["apt-utils"], program: "apt-ftparchive" },
    { packages: ["createrepo-c"], program: "createrepo_c" },
  ],
};

/** The needs of a step, those of the steps before it included. */
export function needsOf(step) {
  const steps = {
    build: ["build"],
    demo: ["build", "demo"],
    test: ["build", "demo", "test"],
    bench: ["build", "demo", "bench"],
    dist: ["build", "dist"],
  }[step];
  return steps.flatMap((name) => needs[name]);
}

/** True on Debian and what descends from it: dpkg tells what is there, apt gets the rest. */
export function isDebianLike() {
  return programPath("dpkg-query") !== undefined && programPath("apt-get") !== undefined;
}

/** The needs that no installed package meets. */
export async function missingPackages(wanted) {
  const names = wanted.flatMap((need) => need.packages);
  const format = "${binary:Package} ${db:Status-Status}\n";
  const { stdout } = await run("dpkg-query", ["--show", `--showformat=${format}`, ...names]);
  const installed = new Set();
  for (const line of stdout.split("\n")) {
    const [name, status] = line.split(" ");
    // A package of a foreign or multi-arch kind is listed as name:architecture.
    if (status === "installed") installed.add(name.split(":")[0]);
  }
  return wanted.filter((need) => !need.packages.some((name) => installed.has(name)));
}

/** The needs that a system without dpkg does not meet. */
export async function missingTools(wanted) {
  const libraries = await run("ldconfig", ["-p"], withSbin());
  const met = await Promise.all(
    wanted.map(async ({ program, library, module, python }) => {
      if (program !== undefined) return programPath(program) !== undefined;
      if (library !== undefined) return libraries.stdout.includes(library);
      if (module !== undefined) return (await run("pkg-config", ["--exists", module])).status === 0;
      return (await run("/usr/bin/python3", ["-c", `import ${python}`])).status === 0;
    }),
  );
  return wanted.filter((_, index) => !met[index]);
}

function withSbin() {
  return { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } };
}

/** For each need the first of its names that this release's package lists know. */
export async function packageNames(missing) {
  const choices = missing.map(async ({ packages }) => {
    for (const name of packages.slice(0, -1)) {
      const { stdout } = await run("apt-cache", ["policy", name]);
      if (/Candidate: (?!\(none\))/.test(stdout)) return name;
    }
    return packages.at(-1);
  });
  return Promise.all(choices);
}

/** Installs what is missing. Resolves to an error sentence, or undefined when all is there. */
export async function installPackages(missing, prefix) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => {
    const [program, ...rest] = [...prefix, "apt-get", "-o", "DPkg::Lock::Timeout=120", ...args];
    return run(program, rest, { env });
  };
  // A failed update is no failure yet: the lists that are there may do.
  const update = await apt("update");
  const names = await packageNames(missing);
  const { status, output } = await apt("install", "-y", "--no-install-recommends", ...names);
  if (status === 0) return undefined;
  process.stderr.write(update.status === 0 ? output : update.output + output);
  return `apt-get could not install ${names.join(" ")}; its output is above. Mend that, then run this again.`;
}
