// Tries the client for Windows under wine against a pipe that this script answers at, and over a bridge: npm run
// try-windows-shim. Installs nothing. Wine does not show how Windows guards pipes and files of others.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isSignedProgram, signProgram, withThrowAwayCertificate } from "./authenticode.mjs";
import { buildWindowsShim, windowsCompiler } from "./build-shim.mjs";
import { programPath, run } from "./command.mjs";

const project = dirname(import.meta.dirname);
const wine = "/usr/lib/wine/wine64";
const needs = [
  { name: "gcc-mingw-w64-x86-64", program: windowsCompiler },
  { name: "osslsigncode", program: "osslsigncode" },
  { name: "openssl", program: "openssl" },
  { name: "wine64", program: wine },
];
const token = "0123456789abcdef".repeat(4);
const pipe = String.raw`\\.\pipe\evercred-try`;

/** One frame of the wire, as in electron/protocol/wire.ts. */
function frame(type, payload = "") {
  const head = Buffer.from(`${type}\0\0\0\0`);
  head.writeUInt32BE(Buffer.byteLength(payload), 1);
  return Buffer.concat([head, Buffer.from(payload)]);
}

/** Cuts a stream into frames, and gives them one by one. */
class Frames {
  #rest = Buffer.alloc(0);
  #ready = [];
  #waiting = [];

  constructor(stream) {
    stream.on("data", (chunk) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      while (this.#rest.length >= 5) {
        const end = 5 + this.#rest.readUInt32BE(1);
        if (this.#rest.length < end) return;
        this.#give([String.fromCharCode(this.#rest[0]), this.#rest.subarray(5, end).toString()]);
        this.#rest = this.#rest.subarray(end);
      }
    });
  }

  #give(each) {
    const next = this.#waiting.shift();
    if (next === undefined) this.#ready.push(each);
    else next(each);
  }

  /** All frames up to one of this type and payload, that one left out. */
  async until(type, payload = "") {
    const found = [];
    for (;;) {
      const each = this.#ready.shift() ?? (await new Promise((got) => this.#waiting.push(got)));
      if (each[0] === type && each[1] === payload) return found;
      found.push(each);
    }
  }
}

const payloads = (frames, type) => frames.filter(([each]) => each === type).map(([, text]) => text);

/** Says ok, or what came instead. */
function expectSame(what, found, wanted) {
  if (JSON.stringify(found) === JSON.stringify(wanted)) console.log(`ok ${what}`);
  else {
    console.error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
    process.exitCode = 1;
  }
}

/** A wine of its own in a folder, and what runs in it. */
class Windows {
  #folder;
  env;

  constructor(folder) {
    this.#folder = folder;
    this.env = {
      PATH: process.env.PATH,
      HOME: folder,
      LC_ALL: "C.UTF-8",
      DISPLAY: "",
      WINEPREFIX: join(folder, "prefix"),
      WINEDEBUG: "-all",
      // Neither .NET nor a browser is wanted, and both would be asked for in a window.
      WINEDLLOVERRIDES: "mscoree,mshtml=",
      EVERCRED_HOME: this.path("home"),
    };
  }

  /** A file of the folder, as Windows calls it. */
  path(name) {
    return `Z:${join(this.#folder, name)}`.replaceAll("/", "\\");
  }

  async boot() {
    const { status, output } = await run(wine, ["wineboot", "-i"], {
      env: this.env,
      timeoutMs: 180_000,
    });
    if (status !== 0) throw new Error(`wine could not be set up. It said: ${output.trim()}`);
  }

  /** Ends all that runs in it. */
  async end() {
    await run(join(dirname(wine), "wineserver64"), ["-k"], { env: this.env });
  }

  /** Starts a program of the folder; `ended` resolves to its code and outputs. */
  start(name, words, { env = {}, input } = {}) {
    const child = spawn(wine, [this.path(name), ...words], {
      cwd: this.#folder,
      env: { ...this.env, ...env },
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    if (input !== undefined) child.stdin.end(input);
    const texts = { stdout: "", stderr: "" };
    const keep = (stream) => child[stream].on("data", (chunk) => (texts[stream] += chunk));
    if (input !== undefined) ["stdout", "stderr"].forEach(keep);
    const ended = new Promise((resolve) => {
      child.once("error", (error) => resolve({ code: error.message, ...texts }));
      child.once("close", (code) => resolve({ code, ...texts }));
    });
    return { child, ended };
  }

  /** Runs the client to its end. */
  shim(words, options = {}) {
    return this.start("evercred.exe", words, { input: "", ...options }).ended;
  }
}

/** The daemon's end of the pipe: what to send is told to pipe-server.exe, what came stands in its output. */
class PipeServer {
  #child;
  #ended;
  #frames;

  constructor(windows) {
    const { child, ended } = windows.start("pipe-server.exe", [pipe]);
    this.#child = child;
    this.#ended = ended;
    this.#frames = new Frames(child.stdout);
  }

  /** Resolves once clients can come; rejects if the server ends before. */
  async listen() {
    const ended = this.#ended.then(({ code }) => {
      throw new Error(`pipe-server.exe has ended with ${String(code)}.`);
    });
    await Promise.race([this.#frames.until("L"), ended]);
    ended.catch(() => undefined);
  }

  request() {
    return this.#frames.until("G");
  }

  /** What the client has read from its stdin, after it was asked for. */
  async input() {
    this.#order(-1);
    return payloads(await this.#frames.until("I"), "I").join("");
  }

  send(...frames) {
    const bytes = Buffer.concat(frames);
    this.#order(bytes.length);
    this.#child.stdin.write(bytes);
  }

  hangUp() {
    this.#order(0);
  }

  #order(number) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(number);
    this.#child.stdin.write(bytes);
  }

  async end() {
    this.#child.stdin.end();
    await this.#ended;
  }
}

async function tryOverPipe(windows) {
  const server = new PipeServer(windows);
  await server.listen();
  const words = ["aws", "export", "--profile", "two words", "", 'a "quote"', "back\\slash\\", "é"];
  const env = { AWS_PROFILE: "grüße", AWS_SECRET_ACCESS_KEY: "not for the daemon" };

  const plain = windows.shim(words, { env });
  const request = await server.request();
  expectSame("the token comes first", request[0], ["K", Buffer.from(token, "hex").toString()]);
  expectSame("words come as they were given", payloads(request, "A"), words);
  const variables = payloads(request, "E");
  expectSame("variables come in UTF-8", variables.includes(`AWS_PROFILE=${env.AWS_PROFILE}`), true);
  expectSame(
    "no secret comes",
    variables.filter((text) => text.includes("SECRET")),
    [],
  );
  server.send(
    frame("1", "on stdout\n"),
    frame("z", "unknown"),
    frame("2", "on stderr\n"),
    frame("X", "7"),
  );
  server.hangUp();
  expectSame("outputs and exit code", await plain, {
    code: 7,
    stdout: "on stdout\n",
    stderr: "on stderr\n",
  });

  const text = "first\r\nsecond\n".repeat(10_000);
  const piped = windows.shim(["api-key", "set", "corp"], { input: text });
  await server.request();
  server.send(frame("?"));
  expectSame("stdin arrives byte by byte", (await server.input()) === text, true);
  server.send(frame("X", "0"));
  server.hangUp();
  expectSame("and ends", await piped, { code: 0, stdout: "", stderr: "" });

  const batch = windows.shim(
    ["exec", "--", "cmd", "/c", "echo %AWS_REGION%%AWS_PROFILE%& exit 5"],
    { env },
  );
  await server.request();
  server.send(frame("R", "AWS_REGION=eu-north-1\0AWS_PROFILE\0"));
  const { code, stdout } = await batch;
  server.hangUp();
  expectSame("exec gives the program's exit code", code, 5);
  expectSame("and its variables", stdout.trim(), "eu-north-1%AWS_PROFILE%");

  const older = windows.shim(["status"]);
  await server.request();
  server.send(frame("Q"));
  server.hangUp();
  const refused = await older;
  expectSame("a reply that is too new is refused", refused.code, 4);
  expectSame(
    "with a remedy",
    /Update this one: install Evercred again\.\r?\n$/.test(refused.stderr),
    true,
  );
  await server.end();
}

async function tryOverBridge(windows) {
  const came = withResolvers();
  const server = createServer((socket) => {
    // The client closes as it likes.
    socket.on("error", () => undefined);
    new Frames(socket).until("G").then((request) => {
      came.resolve(request);
      socket.end(Buffer.concat([frame("1", "bridged\n"), frame("X", "0")]));
    }, came.reject);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const env = {
    EVERCRED_BRIDGE: `tcp://127.0.0.1:${String(server.address().port)}`,
    EVERCRED_BRIDGE_TOKEN: token,
  };
  try {
    const ended = await windows.shim(["aws", "export"], { env });
    expectSame("a bridge over TCP", ended, { code: 0, stdout: "bridged\n", stderr: "" });
    expectSame("its words", payloads(await came.promise, "A"), ["aws", "export"]);
  } finally {
    server.close();
  }
}

/** Node 20 has no Promise.withResolvers. */
function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

async function prepare(folder) {
  const exe = join(folder, "evercred.exe");
  await buildWindowsShim({ usage: "usage\n", version: "1.2.3", outFile: exe });
  await withThrowAwayCertificate(async (signer) => {
    await signProgram(exe, signer);
    expectSame("it is signed", await isSignedProgram(exe, signer.certificate), true);
  });
  const source = join(project, "test", "shim", "pipe-server.c");
  const words = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Os", "-s", "-municode", source];
  const { status, output } = await run(windowsCompiler, [
    ...words,
    "-o",
    join(folder, "pipe-server.exe"),
  ]);
  if (status !== 0) throw new Error(`pipe-server.c could not be compiled.\n${output}`);
  await mkdir(join(folder, "home", "state"), { recursive: true, mode: 0o700 });
}

async function tryShim(folder) {
  await prepare(folder);
  const windows = new Windows(folder);
  try {
    await windows.boot();
    expectSame("version", await windows.shim(["version"]), {
      code: 0,
      stdout: "evercred 1.2.3\n",
      stderr: "",
    });
    expectSame(
      "nobody answers, and nothing can be started",
      (await windows.shim(["status"])).code,
      4,
    );
    const endpoint = join(folder, "home", "state", "endpoint");
    await writeFile(endpoint, `${pipe.replace(".", "elsewhere")}\n${token}\n`);
    expectSame("no pipe of another machine is asked", (await windows.shim(["status"])).code, 4);
    await writeFile(endpoint, `${pipe}\n${token}\n`);
    await tryOverPipe(windows);
    await tryOverBridge(windows);
  } finally {
    await windows.end();
  }
}

const missing = needs.filter(({ program }) => programPath(program) === undefined);
if (missing.length > 0) {
  const names = missing.map(({ name }) => name).join(" ");
  console.error(
    `Needed first (wine takes 700 MB): apt-get install -y --no-install-recommends ${names}`,
  );
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), "evercred-wine-"));
try {
  await tryShim(folder);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
