import "./platform/fill-ins.ts";
import "./platform/jitless.ts";
import { fileURLToPath } from "node:url";
import { reasonOf } from "./assembly/ownership.ts";
import { exitCodeOf, isUnit, successionOf } from "./assembly/succession.ts";
import { errorOf } from "./core/errors.ts";
import { unknownPresence } from "./core/person.ts";
import { openDaemon } from "./daemon.ts";
import { doctorWords, runDoctor } from "./doctor.ts";

const shim = fileURLToPath(new URL("bin/evercred", import.meta.url));

/** The daemon under plain Node, in the foreground: for servers, containers and service managers. */
const main = async (): Promise<void> => {
  const daemon = await openDaemon({
    presence: unknownPresence,
    known: undefined,
    systemProxy: undefined,
    face: undefined,
    shim,
    background: process.argv.includes("--background"),
    claimant: isUnit(process) ? "unit" : undefined,
    foreground: process.stderr.isTTY,
    program: [fileURLToPath(import.meta.url), process.execPath],
    succession: successionOf(process, shim),
  });
  if (daemon.kind !== "running") {
    process.stderr.write(`evercred: ${reasonOf(daemon)}\n`);
    process.exitCode = exitCodeOf(daemon, process);
    return;
  }
  process.stdout.write(`Evercred listens at ${daemon.address}\n`);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void daemon.close());
  }
  await daemon.ended;
  process.exit();
};

const words = doctorWords(process.argv);
const done =
  words === undefined
    ? main()
    : runDoctor(words, shim).then((code) => {
        process.exitCode = code;
      });

done.catch((thrown: unknown) => {
  const { message, remedy } = errorOf(thrown);
  process.stderr.write(`evercred: ${message} ${remedy}\n`);
  process.exitCode = 1;
});
