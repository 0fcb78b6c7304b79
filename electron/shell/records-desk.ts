import { join } from "node:path";
import { app, dialog } from "electron";
import type { Broker } from "../core/broker.ts";
import type { Target } from "../core/source.ts";
import type { ActivityQuery } from "../protocol/activity.ts";
import type { Words } from "../protocol/words.ts";
import type { Handlers } from "./ipc.ts";
import { type RecordReader, type Records, recordsOf, type RecordsPorts } from "./records.ts";

/** What is behind the record's page. */
export interface RecordsBehind {
  readonly broker: Pick<Broker, "route">;
  readonly tools: {
    readonly auditReader: RecordReader;
    readonly clock: { now(): number };
  };
}

/** Opens the record for the window; `added` takes what is written from now on. */
export const recordsDeskOf = (
  { broker, tools }: RecordsBehind,
  words: () => Words,
  added: RecordsPorts["added"],
): Records =>
  recordsOf({
    reader: tools.auditReader,
    sourceOf: (target) => sourceOf(target, broker),
    words,
    added,
    askWhere: async (name) => {
      const { canceled, filePath } = await dialog.showSaveDialog({
        defaultPath: join(app.getPath("home"), name),
        filters: [
          { name: "JSON", extensions: ["jsonl"] },
          { name: "CSV", extensions: ["csv"] },
        ],
      });
      return canceled ? undefined : filePath;
    },
    now: () => tools.clock.now(),
  });

/** Where a target leads now; undefined where it is gone. */
const sourceOf = (target: string, broker: RecordsBehind["broker"]): string | undefined => {
  try {
    return broker.route(target as Target).session.source.id;
  } catch {
    return undefined;
  }
};

/** How the window's calls come to it. What has crossed is looked at here. */
export const recordsHandlers = (
  records: Records,
): Pick<Handlers, "activity" | "exportActivity"> => ({
  activity: (wish) => records.search({ ...queryOf(wish), most: numberIn(wish, "most") }),
  exportActivity: (query) => records.save(queryOf(query)),
});

const queryOf = (value: unknown): ActivityQuery => ({
  text: textIn(value, "text"),
  source: textIn(value, "source"),
  program: textIn(value, "program"),
});

const textIn = (value: unknown, name: string): string => {
  const text = fieldIn(value, name);
  return typeof text === "string" ? text : "";
};

const numberIn = (value: unknown, name: string): number => {
  const number = fieldIn(value, name);
  return typeof number === "number" && Number.isFinite(number) ? number : 0;
};

const fieldIn = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
