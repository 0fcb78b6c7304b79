// A daemon for the tests of starting one: notes its start, answers each request with its words, lets exec
// run, ends on "daemon stop".
import { appendFileSync } from "node:fs";
import { createServer } from "node:net";

const [socketPath, notes] = process.argv.slice(2);
const start = {
  pid: process.pid,
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  umask: process.umask(),
};
appendFileSync(notes, `${JSON.stringify(start)}\n`);

const frame = (type, text) => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
};

const server = createServer((socket) => {
  let received = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    const words = [];
    for (let at = 0; at + 5 <= received.length; at += 5 + received.readUInt32BE(at + 1)) {
      const type = received.toString("latin1", at, at + 1);
      if (type === "A") {
        words.push(received.toString("utf8", at + 5, at + 5 + received.readUInt32BE(at + 1)));
      }
      if (type !== "G") continue;
      if (words[0] === "exec") {
        socket.write(frame("R", ""));
        continue;
      }
      const stops = words.join(" ") === "daemon stop";
      if (stops) server.close();
      socket.end(Buffer.concat([frame("1", `${words.join(" ")}\n`), frame("X", "0")]));
    }
  });
});
server.listen(socketPath);
