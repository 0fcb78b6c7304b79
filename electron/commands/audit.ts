import type { AuditLine, StoredLine } from "../core/audit.ts";
import { EvercredError } from "../core/errors.ts";
import type { Target } from "../core/source.ts";
import { longTogetherMs } from "../core/trail.ts";
import { durationOf } from "./arguments.ts";
import { goneOf } from "./gone.ts";
import { columns, plain } from "./plain.ts";
import type { Context, Parsed, Verb } from "./verb.ts";

/** What was handed out to whom. */
export const audit: Verb = {
  name: "audit",
  summary: "what was handed out, and to which program",
  words: "",
  most: 0,
  flags: {
    json: { summary: "as JSON, one object a line, as it stands in the file" },
    last: { value: "LINES", short: "n", summary: "how many lines at most; else 100" },
    since: { value: "TIME", summary: "only since then: 1h, 2d, 2026-11-29" },
    source: { value: "SOURCE", summary: "only of this source" },
    program: { value: "PROGRAM", summary: "only of this program or bridge, by name or path" },
    target: {
      value: "TARGET",
      summary: "only of this target: aws:PROFILE, gcp:SOURCE, api-key:NAME",
    },
    follow: { short: "f", summary: "go on with each further line, until Ctrl-C" },
  },
  about:
    "Prints the record, the newest line last: what each program was given and refused, sign-ins and their ends, what you answered, bridges. Equal uses within a second are one line, with their number. It is kept on this computer only, holds no secrets, and is as long as audit.keep and audit.maxSizeMb say.",
  async run(parsed, { signal }, reply, context) {
    const { auditReader } = context;
    const isWanted = filterOf(parsed, context);
    const count = countOf(parsed.value("last"));
    const found: StoredLine[] = [];
    for (const stored of auditReader.newestFirst()) {
      if (found.length >= count || isWanted.isPast(stored.line)) break;
      if (isWanted.fits(stored.line)) found.push(stored);
    }
    found.reverse();
    const asJson = parsed.has("json");
    const lines = asJson ? found.map(({ text }) => text) : columns(found.map(rowOf));
    for (const line of lines) reply.print(line);
    if (!parsed.has("follow")) {
      if (found.length === 0) reply.say(`Nothing of that stands in ${auditReader.file}.`);
      return 0;
    }
    const stop = auditReader.follow((stored) => {
      if (!isWanted.fits(stored.line)) return;
      reply.print(asJson ? stored.text : rowOf(stored).map(plain).join("  "));
    });
    await goneOf(signal);
    stop();
    return 0;
  },
};

/** Which lines are wanted. */
interface Filter {
  fits(line: AuditLine): boolean;
  /** Whether this line, and all before it, are too old. */
  isPast(line: AuditLine): boolean;
}

const filterOf = (parsed: Parsed, context: Context): Filter => {
  const since = sinceOf(parsed.value("since"), context.clock.now());
  const source = parsed.value("source");
  const program = parsed.value("program");
  const target = parsed.value("target");
  return {
    // A line may stand behind later ones by as long as it was waiting for more of its kind.
    isPast: ({ at }) => at < since - longTogetherMs,
    fits: (line) =>
      line.at >= since &&
      (source === undefined || sourceOf(line, context) === source) &&
      (target === undefined || line.target === target) &&
      (program === undefined || [line.program, line.path, line.bridge].includes(program)),
  };
};

/** Of what was handed out: where that leads now. */
const sourceOf = ({ source, target }: AuditLine, { broker }: Context): string | undefined => {
  if (source !== undefined || target === undefined) return source;
  try {
    return broker.route(target as Target).session.source.id;
  } catch {
    return undefined;
  }
};

const sinceOf = (text: string | undefined, now: number): number => {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  if (/^\d{1,6}[smhd]$/.test(text)) return now - durationOf(text);
  // A day alone begins where the reader lives, as people mean it.
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (!Number.isNaN(at)) return at;
  throw new EvercredError("usage", `"${plain(text)}" is no time.`, {
    remedy: "Write it as 90s, 15m, 8h, 30d, 2026-11-29 or 2026-11-29T08:30.",
  });
};

const countOf = (text = "100"): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new EvercredError("usage", "The number of lines is a number.", {
    remedy: "Write: evercred audit -n 500",
  });
};

/** When, who, what became of it, of what, and how. */
const rowOf = ({ line }: StoredLine): readonly string[] => {
  const { at, event, bridge, program, target, source, verb, code, answer, of, count } = line;
  const who = bridge === undefined ? (program ?? "-") : `bridge ${bridge}`;
  const times = count === undefined ? undefined : `×${String(count)}`;
  const how = [answer ?? code, of && `of ${of}`, verb, times];
  return [
    new Date(at).toISOString().replace(/\.\d+Z$/, "Z"),
    who,
    event,
    target ?? source ?? "-",
    how.filter((word) => word !== undefined).join(" "),
  ];
};
