import type { AuditLine } from "../core/audit.ts";
import { callerName } from "../core/caller.ts";
import type { Question } from "../core/consent.ts";
import type { Target } from "../core/source.ts";
import { shown, shownPath } from "./shown.ts";
import type { ActivityView, QuestionView } from "./view.ts";

/** A question as people see it. `titleOf` gives a target in words. */
export const questionView = (
  { id, caller, target, since, mayRemember, isQuiet }: Question,
  titleOf: (target: Target) => string,
): QuestionView => {
  const program = caller.kind === "program" ? caller.program : undefined;
  return {
    id,
    program: shown(callerName(caller)),
    path: program && shownPath(program.path),
    parents: (program?.parents ?? []).map((parent) => shown(parent)),
    target: shown(target),
    title: shown(titleOf(target)),
    since,
    mayRemember,
    isQuiet,
  };
};

/** A line of the record as people see it. */
export const activityView = (line: AuditLine): ActivityView => {
  const { event, at, count = 1, bridge, program, target, source, code, answer, of } = line;
  const subject = target ?? source;
  const who = bridge === undefined ? program : callerName({ kind: "bridge", name: bridge });
  return {
    event,
    at,
    count,
    program: who && shown(who),
    subject: subject && shown(subject),
    detail: of === undefined ? (answer ?? code) : shown(of),
  };
};
