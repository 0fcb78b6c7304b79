import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { listen } from "./listening.ts";
import { opaque } from "./opaque.ts";

/** A program that opens pages: `command URL`, as BROWSER and the like want it. */
export interface Browser {
  /** Absolute path. It exits when the page's last answer is there: 0, or 1 when that is an error. */
  readonly command: string;
  close(): void;
}

/** Makes a browser program in `directory` whose visits are done here, by `open`, which gives the last HTTP status. */
export async function startBrowser(
  directory: string,
  open: (url: string) => Promise<number>,
): Promise<Browser> {
  const path = `/${opaque(32)}`;
  const server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    text(request)
      .then(open)
      .then(
        (status) => response.writeHead(status < 400 ? 204 : 502).end(),
        () => response.writeHead(502).end(),
      );
  });
  const port = await listen(server);
  const command = join(directory, `browser-${String(port)}.cjs`);
  const target = JSON.stringify({ host: "127.0.0.1", port, path, method: "POST" });
  const script = [
    `#!${process.execPath}`,
    `const request = require('node:http').request(${target}, (reply) => {`,
    "  process.exitCode = reply.statusCode === 204 ? 0 : 1;",
    "  reply.resume();",
    "});",
    "request.on('error', () => { process.exitCode = 1; });",
    "request.end(process.argv[2]);",
  ];
  await writeFile(command, `${script.join("\n")}\n`, { mode: 0o700 });
  return {
    command,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
