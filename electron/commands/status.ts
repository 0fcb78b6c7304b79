import { EvercredError } from "../core/errors.ts";
import { headlineOf } from "../protocol/headline.ts";
import { english } from "../protocol/words.ts";
import { durationOf } from "./arguments.ts";
import { paintFor } from "./paint.ts";
import { nothingToSignInTo, sessionOf } from "./profile.ts";
import { gravestOf, verdictOf } from "./status-check.ts";
import { statusJson } from "./status-json.ts";
import { printStatus } from "./status-text.ts";
import type { Context, Parsed, Verb } from "./verb.ts";

/** Throws unless these sources serve now; with --for, unless they do until then without anybody's help. */
const check = (parsed: Parsed, context: Context): void => {
  const view = context.view();
  const ids = new Set(parsed.words.map((name) => sessionOf(name, context).source.id as string));
  const wanted = ids.size === 0 ? view.sources : view.sources.filter(({ id }) => ids.has(id));
  const length = parsed.value("for");
  if (length !== undefined && wanted.length === 0) throw nothingToSignInTo(context);
  const until = view.at + (length === undefined ? 0 : durationOf(length));
  const error = gravestOf(wanted.flatMap((source) => verdictOf(source, view.at, until) ?? []));
  if (error !== undefined) throw error;
};

/** Where things stand. */
export const status: Verb = {
  name: "status",
  summary: "where things stand",
  words: "[SOURCE…]",
  most: 64,
  flags: {
    json: { summary: "as JSON, version 1" },
    watch: { summary: "again at each change, until Ctrl-C" },
    short: { summary: "one line" },
    check: { summary: "say nothing; exit 3 unless all (or those named) are signed in" },
    for: {
      value: "TIME",
      summary: "with --check: and will be for this long; exit 1 if nobody knows",
    },
  },
  about: "Says until when nobody is needed, and what is handed out. Asks no provider.",
  async run(parsed, request, reply, context) {
    const { words } = parsed;
    if (parsed.has("check")) {
      check(parsed, context);
      return 0;
    }
    if (words.length > 0 || parsed.has("for")) {
      throw new EvercredError("usage", "Names and --for go with --check.", {
        remedy: "See: evercred help status",
      });
    }
    const paint = paintFor(parsed, request);
    const show = (): void => {
      const view = context.view();
      if (parsed.has("json")) reply.printJson(statusJson(view, context));
      else if (parsed.has("short")) reply.print(headlineOf(view, english));
      else printStatus(view, paint, reply, context);
    };
    // What is one line, or JSON, goes on in the next line.
    const isWhole = !parsed.has("json") && !parsed.has("short");
    const clear = isWhole && parsed.has("watch") ? paint.clear : "";
    const empty = (): void => {
      reply.printForm({}, () => clear);
    };
    if (clear !== "") empty();
    show();
    if (!parsed.has("watch") || request.signal.aborted) return 0;
    await new Promise<void>((resolve) => {
      const stop = context.subscribe(() => {
        if (clear !== "") empty();
        else if (!parsed.has("json")) reply.print("");
        show();
      });
      request.signal.addEventListener("abort", () => {
        stop();
        resolve();
      });
    });
    return 0;
  },
};
