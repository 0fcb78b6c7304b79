import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { anotherUser, isRoot, Sandbox } from "./sandbox.ts";

const answers = (conversation: { readonly exit: (code: number) => void }): void => {
  conversation.exit(0);
};

/** A way that would leave a trace, to show that nothing was started. */
function installTrace(sandbox: Sandbox): () => boolean {
  const trace = join(sandbox.folder, "started");
  sandbox.install(["headless", "/bin/sh", "-c", `touch '${trace}'`]);
  return () => existsSync(trace);
}

interface Refusal {
  readonly what: string;
  readonly spoil: (sandbox: Sandbox) => string;
  readonly sentence: string;
  readonly needsRoot?: true;
}

const atTheUsualPlace: readonly Refusal[] = [
  {
    what: "a folder that is a symbolic link",
    spoil: ({ runtime }) => {
      renameSync(runtime, `${runtime}.real`);
      symlinkSync(`${runtime}.real`, runtime);
      return runtime;
    },
    sentence: "is a symbolic link",
  },
  {
    what: "a folder of another user",
    spoil: ({ runtime }) => {
      chownSync(runtime, anotherUser, anotherUser);
      return runtime;
    },
    sentence: "belongs to another user",
    needsRoot: true,
  },
  {
    what: "a folder that a group may write",
    spoil: ({ runtime }) => {
      chmodSync(runtime, 0o720);
      return runtime;
    },
    sentence: "is open to other users",
  },
  {
    what: "a folder that everybody may enter",
    spoil: ({ runtime }) => {
      chmodSync(runtime, 0o701);
      return runtime;
    },
    sentence: "is open to other users",
  },
  {
    what: "a socket that a group may read",
    spoil: ({ socket }) => {
      chmodSync(socket, 0o640);
      return socket;
    },
    sentence: "is open to other users",
  },
  {
    what: "a socket of another user",
    spoil: ({ socket }) => {
      chownSync(socket, anotherUser, anotherUser);
      return socket;
    },
    sentence: "belongs to another user",
    needsRoot: true,
  },
  {
    what: "a socket that is a symbolic link",
    spoil: ({ socket }) => {
      renameSync(socket, `${socket}.real`);
      symlinkSync(`${socket}.real`, socket);
      return socket;
    },
    sentence: "is a symbolic link",
  },
  {
    what: "a folder in the place of the socket",
    spoil: ({ socket }) => {
      rmSync(socket);
      mkdirSync(socket, { mode: 0o700 });
      return socket;
    },
    sentence: "is not what belongs there",
  },
];

for (const { what, spoil, sentence, needsRoot } of atTheUsualPlace) {
  it.skipIf(needsRoot && !isRoot)(
    `${what} is refused, and nothing is sent or started`,
    async () => {
      const sandbox = await Sandbox.make();
      const started = installTrace(sandbox);
      const daemon = await sandbox.serve(answers);
      const path = spoil(sandbox);
      expect(await sandbox.run(["status"])).toMatchObject({
        code: 4,
        stderr: `evercred: ${path} ${sentence}. Remove it, then try again.\n`,
      });
      expect(daemon.connections()).toBe(0);
      expect(started()).toBe(false);
    },
  );
}

it.skipIf(!isRoot)("another user's process behind our own socket is refused", async () => {
  const sandbox = await Sandbox.make();
  let received = 0;
  const server = createServer((socket) => {
    socket.on("data", (chunk) => (received += chunk.length));
    socket.on("error", () => undefined);
  });
  onTestFinished(() => void server.close());
  const folders = [sandbox.folder, sandbox.runtime];
  for (const folder of folders) chownSync(folder, anotherUser, anotherUser);
  const listening = new Promise<void>((resolve) => {
    process.seteuid?.(anotherUser);
    server.listen(sandbox.socket, resolve);
    process.seteuid?.(0);
  });
  await listening;
  for (const path of [...folders, sandbox.socket]) chownSync(path, 0, 0);
  chmodSync(sandbox.socket, 0o600);
  expect(await sandbox.run(["status"])).toMatchObject({
    code: 4,
    stderr: `evercred: Another user answers at ${sandbox.socket}. Remove it, then try again.\n`,
  });
  expect(received).toBe(0);
});

it("a path too long for a socket is refused, not cut", async () => {
  const sandbox = await Sandbox.make();
  const started = installTrace(sandbox);
  const long = join(sandbox.folder, "x".repeat(120));
  const env = { ...sandbox.env, XDG_RUNTIME_DIR: long };
  const { code, stderr } = await sandbox.run(["status"], { env });
  expect(code).toBe(4);
  expect(stderr).toContain("The path of the socket is too long for this system: ");
  expect(started()).toBe(false);
});

it("a path of 107 bytes is reached", async () => {
  const sandbox = await Sandbox.make();
  const base = join(sandbox.folder, "p");
  const home = base + "x".repeat(107 - base.length - "/run/daemon.sock".length);
  mkdirSync(join(home, "run"), { recursive: true, mode: 0o700 });
  const socket = join(home, "run", "daemon.sock");
  expect(socket).toHaveLength(107);
  await sandbox.serve(answers, socket);
  const env = { ...sandbox.env, EVERCRED_HOME: home };
  expect((await sandbox.run(["status"], { env })).code).toBe(0);
  const env108 = { ...sandbox.env, EVERCRED_HOME: `${home}x` };
  expect((await sandbox.run(["status"], { env: env108 })).stderr).toContain("too long");
});

it("a caller whose environment points elsewhere follows the daemon's note", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(answers);
  sandbox.writeEndpoint(`${sandbox.socket}\n`);
  const env = { ...sandbox.env, XDG_RUNTIME_DIR: join(sandbox.folder, "elsewhere") };
  expect((await sandbox.run(["status"], { env })).code).toBe(0);
  expect(daemon.conversations).toHaveLength(1);
});

it("a relative XDG folder is ignored", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(answers);
  const state = join(sandbox.home, ".local", "state", "evercred");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  renameSync(sandbox.writeEndpoint(`${sandbox.socket}\n`), join(state, "endpoint"));
  const env = { HOME: sandbox.home, XDG_RUNTIME_DIR: "run", XDG_STATE_HOME: "state" };
  expect((await sandbox.run(["status"], { env, cwd: sandbox.folder })).code).toBe(0);
});

const uid = String(process.getuid?.());
const realDaemon = [`/run/user/${uid}/evercred`, `/tmp/evercred-${uid}`].some((path) =>
  existsSync(path),
);

// It would talk to the developer's own daemon, if there is one.
it.skipIf(realDaemon)("a caller with nothing but HOME reaches the daemon", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(answers);
  const state = join(sandbox.home, ".local", "state", "evercred");
  mkdirSync(state, { recursive: true, mode: 0o700 });
  renameSync(sandbox.writeEndpoint(`${sandbox.socket}\n`), join(state, "endpoint"));
  expect((await sandbox.run(["status"], { env: { HOME: sandbox.home } })).code).toBe(0);
  expect(daemon.conversations[0]?.texts("E")).toEqual([]);
});

it.each(["", "relative"])("with HOME=%j the user database says where home is", async (HOME) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => conversation.end());
  const env = { HOME, XDG_RUNTIME_DIR: join(sandbox.folder, "run") };
  const { stderr } = await sandbox.run(["status"], { env, cwd: sandbox.folder });
  expect(stderr).toContain(`${userInfo().homedir}/.local/state/evercred/evercred.log`);
});

it("with EVERCRED_HOME only its own daemon is asked", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(answers);
  sandbox.writeEndpoint(`${sandbox.socket}\n`);
  const own = join(sandbox.folder, "own");
  mkdirSync(join(own, "run"), { recursive: true, mode: 0o700 });
  mkdirSync(join(own, "state"), { mode: 0o700 });
  renameSync(sandbox.writeEndpoint(`${sandbox.socket}\n`), join(own, "state", "endpoint"));
  const env = { ...sandbox.env, EVERCRED_HOME: own };
  expect((await sandbox.run(["daemon", "stop"], { env })).stdout).toBe(
    "Evercred is not running.\n",
  );
  expect(daemon.connections()).toBe(0);

  const owned = await sandbox.serve(answers, join(own, "run", "daemon.sock"));
  expect((await sandbox.run(["status"], { env })).code).toBe(0);
  expect(owned.conversations).toHaveLength(1);
});

it("an EVERCRED_HOME that is not absolute is refused", async () => {
  const sandbox = await Sandbox.make();
  const env = { ...sandbox.env, EVERCRED_HOME: "here" };
  const { code, stderr } = await sandbox.run(["status"], { env });
  expect(code).toBe(2);
  expect(stderr).toContain("EVERCRED_HOME is not an absolute path.");
});

const spoiledNotes: readonly Refusal[] = [
  {
    what: "a symbolic link",
    spoil: (sandbox) => {
      const file = sandbox.writeEndpoint(`${sandbox.socket}\n`);
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
      return file;
    },
    sentence: "is a symbolic link",
  },
  {
    what: "another user's",
    spoil: (sandbox) => {
      const file = sandbox.writeEndpoint(`${sandbox.socket}\n`);
      chownSync(file, anotherUser, anotherUser);
      return file;
    },
    sentence: "belongs to another user",
    needsRoot: true,
  },
  {
    what: "open to others",
    spoil: (sandbox) => {
      const file = sandbox.writeEndpoint(`${sandbox.socket}\n`);
      chmodSync(file, 0o604);
      return file;
    },
    sentence: "is open to other users",
  },
  {
    what: "a way into a folder that is open to others",
    spoil: (sandbox) => {
      sandbox.writeEndpoint(`${sandbox.socket}\n`);
      chmodSync(sandbox.runtime, 0o770);
      return sandbox.runtime;
    },
    sentence: "is open to other users",
  },
];

for (const { what, spoil, sentence, needsRoot } of spoiledNotes) {
  it.skipIf(needsRoot && !isRoot)(`a note that is ${what} is not followed`, async () => {
    const sandbox = await Sandbox.make();
    const started = installTrace(sandbox);
    const daemon = await sandbox.serve(answers);
    const path = spoil(sandbox);
    const env = { ...sandbox.env, XDG_RUNTIME_DIR: join(sandbox.folder, "elsewhere") };
    expect(await sandbox.run(["status"], { env })).toMatchObject({
      code: 4,
      stderr: `evercred: ${path} ${sentence}. Remove it, then try again.\n`,
    });
    expect(daemon.connections()).toBe(0);
    expect(started()).toBe(false);
  });
}

it.each(["", "\n", "relative/daemon.sock\n", "/nowhere/daemon.sock\n"])(
  "a note that says %j is as good as none",
  async (text) => {
    const sandbox = await Sandbox.make();
    sandbox.writeEndpoint(text);
    expect((await sandbox.run(["daemon", "stop"])).stdout).toBe("Evercred is not running.\n");
  },
);

it("a note longer than any socket's path is refused", async () => {
  const sandbox = await Sandbox.make();
  sandbox.writeEndpoint(`/${"x".repeat(10_000)}\n`);
  const { code, stderr } = await sandbox.run(["status"]);
  expect(code).toBe(4);
  expect(stderr).toContain("The path of the socket is too long");
});

it("control characters of a path do not reach the terminal", async () => {
  const sandbox = await Sandbox.make();
  const home = join(sandbox.folder, "\u001b[31mred\n");
  mkdirSync(join(home, "run"), { recursive: true });
  chmodSync(join(home, "run"), 0o755);
  const { stderr } = await sandbox.run(["status"], {
    env: { ...sandbox.env, EVERCRED_HOME: home },
  });
  expect(stderr).toBe(
    `evercred: ${sandbox.folder}/?[31mred?/run is open to other users. Remove it, then try again.\n`,
  );
});
