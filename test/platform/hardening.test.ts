import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { bundleProgram, runProgram } from "./program.ts";

const program = `
  import { writeFileSync } from "node:fs";
  import { hardenProcess } from "./electron/platform/hardening.ts";
  hardenProcess({ warn: console.log });
  writeFileSync(process.env.FILE, "", { mode: 0o666 });
  process.stdin.on("data", () => console.log(JSON.stringify("alive")));
  console.log(JSON.stringify(typeof process.binding));
`;

test("a hardened process makes files for its owner only, has no inspector and no memory in a core dump", async () => {
  const folder = temporaryFolder();
  const FILE = join(folder, "file");
  const { child, next, send } = runProgram(await bundleProgram(program, folder), { FILE });
  await next();
  expect(statSync(FILE).mode & 0o777).toBe(0o600);
  const pid = String(child.pid);
  expect(readFileSync(`/proc/${pid}/coredump_filter`, "utf8").trim()).toBe("00000000");
  for (const signal of ["SIGUSR1", "SIGPIPE"] as const) {
    child.kill(signal);
    send("?");
    expect(await next()).toBe("alive");
  }
  const listening = readFileSync(`/proc/${pid}/net/tcp`, "utf8");
  // 0x240d is 9229, the inspector's port.
  expect(listening).not.toContain(":240D ");
});

test("a hardened process checks certificates, whatever it was started with", async () => {
  const program = `
    import { createServer, connect } from "node:tls";
    import { readFileSync } from "node:fs";
    import { hardenProcess } from "./electron/platform/hardening.ts";
    hardenProcess({ warn: console.log });
    const [key, cert] = [process.env.KEY, process.env.CERT].map((file) => readFileSync(file));
    const server = createServer({ key, cert }, (socket) => socket.end()).listen(0, "127.0.0.1", () => {
      const say = (what) => server.close(() => console.log(JSON.stringify(what)));
      connect({ port: server.address().port, host: "127.0.0.1" })
        .on("secureConnect", function () { this.destroy(); say("trusted"); })
        .on("error", ({ code }) => say(code));
    });
    server.on("tlsClientError", () => undefined);
  `;
  const folder = temporaryFolder();
  const [KEY, CERT] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-subj", "/CN=127.0.0.1", "-keyout", KEY, "-out", CERT];
  execFileSync("openssl", [...words, ...files], { stdio: "ignore" });
  const env = { KEY, CERT, NODE_TLS_REJECT_UNAUTHORIZED: "0" };
  const { next } = runProgram(await bundleProgram(program, folder), env);
  expect(await next()).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
});
