import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { goneOf } from "./gone.ts";
import { plain } from "./plain.ts";
import type { LogLevel } from "./ports.ts";
import type { Parsed, Verb } from "./verb.ts";

/** What the daemon has written down. */
export const logs: Verb = {
  name: "logs",
  summary: "what Evercred has written into its log",
  words: "",
  most: 0,
  flags: {
    follow: { short: "f", summary: "go on with each further line, until Ctrl-C" },
    level: { value: "LEVEL", summary: "only error, warn, info or debug, and what is graver" },
    lines: { value: "LINES", short: "n", summary: "how many lines there were; else 100" },
    json: { summary: "as JSON, one object a line" },
  },
  about:
    "Prints the newest lines of the log, the newest one last, with their time in UTC. It holds no secrets. How much is written the setting log says: evercred config set log debug.",
  async run(parsed, { signal }, reply, { logs: log }) {
    const level = levelOf(parsed);
    const count = countOf(parsed);
    const show = (line: string): void => {
      reply.print(parsed.has("json") ? line : humanLine(line));
    };
    const lines = log.last(count, level);
    lines.forEach(show);
    if (!parsed.has("follow")) {
      if (lines.length === 0 && count > 0) reply.say(`Nothing of that stands in ${log.file}.`);
      return 0;
    }
    const stop = log.follow(level, show);
    await goneOf(signal);
    stop();
    return 0;
  },
};

const levels: readonly LogLevel[] = ["error", "warn", "info", "debug"];

const levelOf = (parsed: Parsed): LogLevel => {
  const named = parsed.value("level") ?? "debug";
  const level = levels.find((each) => each === named);
  if (level !== undefined) return level;
  const near = nearest(named, levels);
  throw new EvercredError("usage", `There is no level "${plain(named)}".`, {
    remedy: near === undefined ? `There are ${levels.join(", ")}.` : `Did you mean ${near}?`,
  });
};

const countOf = (parsed: Parsed): number => {
  const written = parsed.value("lines") ?? "100";
  if (/^\d{1,9}$/.test(written)) return Number(written);
  throw new EvercredError("usage", "The number of lines is a number.", {
    remedy: "Write: evercred logs -n 500",
  });
};

/** `2026-11-29T15:51:33.000Z info session: state source="corp"`. */
const humanLine = (line: string): string => {
  const { at, level, event, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return plain([at, level, event, ...words].map(String).join(" "));
};
