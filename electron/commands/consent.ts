import type { KeptAnswer } from "../core/answers.ts";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { never } from "../core/time.ts";
import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { columns, plain } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** What people have said that programs may have. */
export const consentList: Verb = {
  name: "consent list",
  summary: "which programs may have what, as you have said",
  words: "",
  most: 0,
  flags: { json: { summary: "as one JSON document" } },
  about:
    "Prints each answer that is kept: the program or bridge, what it asked for, what you said, and the file by which it is known. They count while the setting consent is ask.",
  run(parsed, _request, reply, { consents, clock }) {
    const answers = consents.answers();
    if (parsed.has("json")) {
      reply.printJson({ isOn: consents.isOn(), answers: answers.map(jsonOf) });
      return Promise.resolve(0);
    }
    const now = clock.now();
    const rows = answers.map(({ name, target, answer, until, who }) => [
      name,
      target,
      answer === "today" ? `allowed until ${clockTime(until, now, english)}` : words[answer],
      who,
    ]);
    for (const line of columns(rows)) reply.print(line);
    if (answers.length === 0) reply.print("No answer is kept.");
    if (!consents.isOn()) {
      reply.say("Nobody is asked just now. To be asked: evercred config set consent ask");
    }
    return Promise.resolve(0);
  },
};

const words = { always: "always allowed", never: "never allowed" } as const;

const jsonOf = ({ until, ...answer }: KeptAnswer): Record<string, string | number | null> => ({
  ...answer,
  until: until === never ? null : until,
});

/** Forgets what people have said. Nothing here answers for them: that takes a click. */
export const consentForget: Verb = {
  name: "consent forget",
  summary: "forget what you have said of a program",
  words: "[PROGRAM]",
  most: 1,
  flags: {
    all: { summary: "of all programs" },
    target: { value: "TARGET", summary: "only of this target: aws:PROFILE" },
  },
  about:
    "Forgets the answers of a program or bridge, by its name or by its file: you are asked again when it next wants something.",
  run(parsed, { caller }, reply, { consents }) {
    const [program] = parsed.words;
    const target = parsed.value("target");
    if (program === undefined && target === undefined && !parsed.has("all")) {
      throw new EvercredError("usage", "Of which program?", {
        remedy: "Name it, or forget all answers with --all. See: evercred consent list",
      });
    }
    const known = consents.answers();
    const forgotten = consents.forget(
      (answer) =>
        (program === undefined || answer.name === program || answer.who === program) &&
        (target === undefined || answer.target === target),
      caller,
    );
    if (forgotten.length === 0 && program !== undefined) throw unknown(program, known);
    for (const { name, target: of } of forgotten) {
      reply.print(plain(`You will be asked again whether ${name} may have ${of}.`));
    }
    if (forgotten.length === 0) reply.print("No such answer is kept.");
    return Promise.resolve(0);
  },
};

const unknown = (program: string, known: readonly KeptAnswer[]): EvercredError => {
  const near = nearest(
    program,
    known.map(({ name }) => name),
  );
  return new EvercredError("unknown-name", `No answer is kept of ${plain(program)}.`, {
    remedy: near === undefined ? "See: evercred consent list" : `Did you mean ${plain(near)}?`,
  });
};
