// What the shim does, in Node: sends a request as frames, prints what comes. For comparison only.
import { connect } from "node:net";
import { join } from "node:path";

const frame = (type, text) => {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
};

const words = process.argv.slice(2).map((word) => frame("A", word));
const socket = connect(join(process.env.XDG_RUNTIME_DIR, "evercred", "daemon.sock"));
socket.write(Buffer.concat([frame("V", "2"), ...words, frame("D", process.cwd()), frame("G", "")]));

let held = Buffer.alloc(0);
socket.on("data", (chunk) => {
  held = Buffer.concat([held, chunk]);
  while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
    const end = 5 + held.readUInt32BE(1);
    const [type, payload] = [held.toString("latin1", 0, 1), held.subarray(5, end)];
    held = held.subarray(end);
    if (type === "1") process.stdout.write(payload);
    if (type === "2") process.stderr.write(payload);
    if (type === "X") process.exitCode = Number(payload.toString());
  }
});
