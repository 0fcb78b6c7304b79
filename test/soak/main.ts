import { parseArgs } from "node:util";
import { openHouse } from "../e2e/house.ts";
import { begin, soak, soakHouse } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    /** Electron's program and the words that start the app with it, one each. */
    app: { type: "string", multiple: true, default: [] },
  },
});

const seed = Number(values.seed);
console.log(`Seed ${seed}, ${values.minutes} minutes.`);
const [program = "", ...words] = values.app;
const house = await openHouse({
  ...soakHouse(12_000),
  env: {
    DISPLAY: process.env["DISPLAY"] ?? "",
    XAUTHORITY: process.env["XAUTHORITY"] ?? "",
    NO_AT_BRIDGE: "1",
  },
  launch: `app\t${[program, ...words, "--background"].join("\t")}\n`,
});
try {
  const pid = await begin(house);
  const forMs = Number(values.minutes) * 60_000;
  const figures = await soak(house, pid, { forMs, seed, callersPerSecond: 20 });
  const { faults, ...rest } = figures;
  console.log(JSON.stringify(rest, undefined, 2));
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? "All is well." : `${faults.length} faults.`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await house.close();
}
