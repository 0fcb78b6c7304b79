import "./platform/fill-ins.ts";
import { fileURLToPath } from "node:url";
import { errorOf } from "./core/errors.ts";
import { unknownPresence } from "./core/person.ts";
import { openDaemon, reasonOf } from "./daemon.ts";

/** The daemon under plain Node, in the foreground: for servers, containers and service managers. */
const main = async (): Promise<void> => {
  const daemon = await openDaemon({
    presence: unknownPresence,
    shim: fileURLToPath(new URL("bin/evercred", import.meta.url)),
    background: process.argv.includes("--background"),
    foreground: process.stderr.isTTY,
  });
  if (daemon.kind !== "running") {
    process.stderr.write(`evercred: ${reasonOf(daemon)}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`Evercred listens at ${daemon.address}\n`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void daemon.close());
  }
  await daemon.ended;
  process.exit();
};

main().catch((thrown: unknown) => {
  const { message, remedy } = errorOf(thrown);
  process.stderr.write(`evercred: ${message} ${remedy}\n`);
  process.exitCode = 1;
});
