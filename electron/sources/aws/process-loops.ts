import { shown } from "../shown.ts";
import { askedProfileOf } from "./credential-process.ts";
import type { Report } from "../problem.ts";
import type { Traced } from "./profile-definitions.ts";

/**
 * Without what waits for itself by way of others: programs that ask Evercred for a profile whose program asks
 * for the first one. One that asks for itself is seen when it is run.
 */
export const withoutProcessLoops = (
  traced: readonly Traced[],
  report: Report,
): readonly Traced[] => {
  const rootOf = new Map(traced.map((each) => [each.profile.name, programOf(each)]));
  const looping = new Set<string>();
  for (const { profile } of traced) {
    const path: string[] = [];
    let program = rootOf.get(profile.name);
    while (program !== undefined && !path.includes(program.name)) {
      path.push(program.name);
      program = rootOf.get(askedProfileOf(program.command) ?? "");
    }
    const loop = program === undefined ? [] : path.slice(path.indexOf(program.name));
    if (loop.length < 2 || loop.some((name) => looping.has(name))) continue;
    for (const name of loop) looping.add(name);
    report(
      profile.at,
      `The credential_process of each of these profiles asks Evercred for the next one: ${[...loop, ...loop.slice(0, 1)].map((name) => shown(name)).join(" -> ")}.`,
      "Let one of them name the program that has the keys.",
    );
  }
  return traced.filter((each) => !looping.has(programOf(each)?.name ?? ""));
};

interface Program {
  /** The profile in which it stands. */
  readonly name: string;
  readonly command: string;
}

const programOf = ({ chain: { root } }: Traced): Program | undefined =>
  root.kind === "profile" && root.root.kind === "process"
    ? { name: root.name, command: root.root.command }
    : undefined;
