import fc from "fast-check";
import { test } from "vitest";
import { settle } from "../../fakes/clock.ts";
import { effort, limitMs } from "../runs.ts";
import { happenings } from "./commands.ts";
import { type Answer, Machine, names, places, targets } from "./machine.ts";
import { Reference } from "./reference.ts";

const minute = 60_000;

/** Everybody is well again, and a person is there: whoever asks is served. */
const heal = async (machine: Machine): Promise<void> => {
  machine.store.mood = "well";
  for (const place of places) machine.providers[place].mend();
  await machine.configure(places);
  await machine.pass(10 * minute);
  for (const place of places) {
    const session = machine.session(place);
    session.cancelSignIn();
    await settle();
    session.signIn(undefined);
    await settle();
    machine.sources[place].visits.at(-1)?.approve();
    await settle();
  }
  await machine.pass(minute);
  const answers: Answer[] = [];
  for (const name of names) await machine.ask(name, false, (answer) => answers.push(answer));
  if (answers.filter((answer) => "kind" in answer).length < Object.keys(targets).length) {
    throw new Error("not all are served at the end");
  }
  await machine.close();
};

test(
  "whatever happens, callers get what a table of sign-ins and credentials owes them",
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 999 }).map((n) => n / 1_000),
        fc.constantFrom(15 * minute, 60 * minute, 8 * 60 * minute),
        fc.constantFrom(15 * minute, 60 * minute, 12 * 60 * minute),
        fc.commands(happenings, { maxCommands: 40, size: "max" }),
        async (chance, accessMs, credentialMs, commands) => {
          const machine = new Machine(chance, accessMs, credentialMs);
          await machine.boot();
          await fc.asyncModelRun(() => ({ model: new Reference(), real: machine }), commands);
          await heal(machine);
        },
      ),
      effort(150, 0.5),
    ),
  limitMs(0.5),
);
