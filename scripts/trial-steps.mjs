import { setTimeout as sleep } from "node:timers/promises";
import { run } from "./command.mjs";

let failures = 0;

/** How many checks have failed so far. */
export const failed = () => failures;

/** Does one thing and prints a line about it. */
export async function check(title, act) {
  const begin = performance.now();
  const seconds = () => `(${((performance.now() - begin) / 1000).toFixed(1)} s)`;
  try {
    await act();
    console.log(`ok     ${title} ${seconds()}`);
  } catch (error) {
    failures += 1;
    console.log(
      `FAILED ${title} ${seconds()}\n       ${error.message.trim().replaceAll("\n", "\n       ")}`,
    );
  }
}

/** Throws unless it is so. */
export function claim(isTrue, otherwise) {
  if (!isTrue) throw new Error(otherwise);
}

/** What `look` gives as soon as it does not throw; its last word after two minutes, which a desktop takes on a busy machine. */
export async function soon(look) {
  const limit = performance.now() + 120_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > limit) throw error;
      await sleep(100);
    }
  }
}

/** Runs a program to a good end; resolves to what it printed. */
export async function must(program, args, options) {
  const outcome = await run(program, args, options);
  if (outcome.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${outcome.output}`);
  return outcome.stdout;
}
