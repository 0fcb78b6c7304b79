import { open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { AuditLine, StoredLine } from "../core/audit.ts";
import { EvercredError } from "../core/errors.ts";
import {
  type ActivityFound,
  type ActivityQuery,
  type ActivityRow,
  activityRow,
  type ActivityWish,
  type ExportedView,
  isLookedFor,
  mostRows,
} from "../protocol/activity.ts";
import type { Reply } from "../protocol/ipc.ts";
import type { Words } from "../protocol/words.ts";
import { replyOf } from "./actions.ts";
import { activityText } from "./activity-text.ts";
import { coalesced } from "./coalesced.ts";

/** As many names as a person chooses from. */
const mostPrograms = 100;

/** After so many lines of the record everybody else gets a turn: it may be long. */
const turnLines = 200;

/** What the page Activity shows of the record. None rejects. */
export interface Records {
  /** The newest lines that are looked for. It fails as `cancelled` where something else is looked for meanwhile. */
  search(wish: ActivityWish): Promise<Reply<ActivityFound>>;
  /** Writes all of them where the person says, the newest one last; undefined where they say nowhere. */
  save(query: ActivityQuery): Promise<Reply<ExportedView | undefined>>;
}

/** The record of what was done for whom. */
export interface RecordReader {
  /** All that there is, the newest first. What cannot be read is left out. */
  newestFirst(): Iterable<StoredLine>;
  /** Calls `listener` with each further line that is written, until the returned function is called. */
  follow(listener: (stored: StoredLine) => void): () => void;
}

export interface RecordsPorts {
  readonly reader: RecordReader;
  /** The source to which a target leads now; undefined where it is gone. */
  readonly sourceOf: (target: string) => string | undefined;
  readonly words: () => Words;
  /** Takes what has been written since; the newest last. */
  readonly added: (rows: readonly ActivityRow[]) => void;
  /** Asks where a file is to be written; undefined where nowhere. */
  readonly askWhere: (name: string) => Promise<string | undefined>;
  readonly now: () => number;
}

export const recordsOf = (ports: RecordsPorts): Records => {
  const { reader, sourceOf, words } = ports;
  const found = async function* (signal: AbortSignal | undefined): AsyncGenerator<Found> {
    const rowOf = rowsOf(sourceOf);
    let count = 0;
    for (const stored of reader.newestFirst()) {
      if (++count % turnLines === 0) await setImmediate();
      signal?.throwIfAborted();
      yield { stored, row: rowOf(stored.line) };
    }
  };

  let searching = new AbortController();
  const search = async (wish: ActivityWish): Promise<ActivityFound> => {
    const most = Math.min(wish.most, mostRows);
    searching.abort(new EvercredError("cancelled"));
    searching = new AbortController();
    const rows: ActivityRow[] = [];
    const programs = new Set<string>();
    for await (const { row } of found(searching.signal)) {
      if (row.program !== undefined && programs.size < mostPrograms) programs.add(row.program);
      if (!isLookedFor(row, wish, words())) continue;
      if (rows.length >= most) return { rows, hasMore: true, programs: [...programs] };
      rows.push(row);
    }
    return { rows, hasMore: false, programs: [...programs] };
  };

  const save = async (query: ActivityQuery): Promise<ExportedView | undefined> => {
    const day = new Date(ports.now()).toISOString().slice(0, 10);
    const file = await ports.askWhere(`evercred-activity-${day}.jsonl`);
    if (file === undefined) return undefined;
    const lines: StoredLine[] = [];
    for await (const { stored, row } of found(undefined)) {
      if (isLookedFor(row, query, words())) lines.push(stored);
    }
    await writePrivately(file, activityText(lines.reverse(), file));
    return { file, count: lines.length };
  };

  let waiting: ActivityRow[] = [];
  const tell = coalesced(() => {
    const rows = waiting;
    waiting = [];
    ports.added(rows);
  });
  reader.follow(({ line }) => {
    waiting.push(rowsOf(sourceOf)(line));
    tell();
  });
  return {
    search: (wish) => replyOf(() => search(wish)),
    save: (query) => replyOf(() => save(query)),
  };
};

interface Found {
  readonly stored: StoredLine;
  readonly row: ActivityRow;
}

/** Makes rows of lines. Of what was handed out each target is followed once: one that is gone takes its time. */
const rowsOf = (sourceOf: RecordsPorts["sourceOf"]): ((line: AuditLine) => ActivityRow) => {
  const sources = new Map<string, string | undefined>();
  return (line) => {
    const { source, target } = line;
    if (source !== undefined || target === undefined) return activityRow(line, source);
    if (!sources.has(target)) sources.set(target, sourceOf(target));
    return activityRow(line, sources.get(target));
  };
};

/** Who was given what is nobody else's business. */
const writePrivately = async (file: string, text: string): Promise<void> => {
  try {
    const handle = await open(file, "w", 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new EvercredError("config-invalid", `${file} cannot be written.`, {
      cause,
      remedy: "Choose another place.",
    });
  }
};
