import type { Source } from "../core/source.ts";
import { sourceLine } from "../protocol/headline.ts";
import { english } from "../protocol/words.ts";
import type { SourceView } from "../protocol/view.ts";
import { columns } from "./plain.ts";
import { isKeyItself } from "./source-name.ts";
import type { Context, Json, Verb } from "./verb.ts";

/** A source that there is, or that the configuration names in vain. */
interface Row {
  readonly id: string;
  readonly kind: string;
  /** Whether the configuration names it, or it is found by itself. */
  readonly isConfigured: boolean;
  readonly view: SourceView | undefined;
}

/** The places to sign in to. */
export const sourceList: Verb = {
  name: "source list",
  summary: "the places to sign in to",
  words: "",
  most: 0,
  flags: { json: { summary: "as JSON" } },
  about:
    "Says of each source of what kind it is, how it stands, and whether it was found by itself. Keys are listed by evercred api-key list.",
  run(parsed, _request, reply, context) {
    const { sources, at } = context.view();
    const rows = rowsOf(sources, context);
    if (parsed.has("json")) {
      reply.printJson({ version: 1, sources: rows.map(rowJson) });
      return Promise.resolve(0);
    }
    for (const line of columns(rows.map((row) => cellsOf(row, at)))) reply.print(line);
    if (rows.length === 0) {
      reply.say("There are no sources. Add one: evercred source add ID --kind KIND");
    }
    return Promise.resolve(0);
  },
};

const rowsOf = (views: readonly SourceView[], context: Context): readonly Row[] => {
  const configured = context.settings().sources;
  const sessions = context.broker.sessions.filter(({ source }) => !isKeyItself(source.id, context));
  const kinds = new Map<string, string>(sessions.map(({ source }) => [source.id, source.kind]));
  for (const [id, { kind }] of Object.entries(configured)) kinds.set(id, kind);
  return [...kinds]
    .map(([id, kind]) => ({
      id,
      kind,
      isConfigured: Object.hasOwn(configured, id),
      view: views.find((each) => each.id === id),
    }))
    .sort((a, b) => a.id.localeCompare(b.id));
};

const cellsOf = ({ id, kind, isConfigured, view }: Row, now: number): readonly string[] => [
  id,
  kind,
  view?.organisation ?? "",
  view === undefined ? "not in use, see: evercred status" : sourceLine(view, now, english),
  isConfigured ? "" : "found by itself",
];

const rowJson = ({ id, kind, isConfigured, view }: Row): Json => ({
  id,
  kind,
  configured: isConfigured,
  title: view?.title,
  organisation: view?.organisation,
  account: view?.account,
  unattended: view?.unattended,
  state: stateOf(view),
});

const stateOf = (view: SourceView | undefined): string => {
  if (view === undefined) return "unusable";
  return view.signIn === undefined ? view.standing.kind : "signing-in";
};

/** Where a source stands that is found by itself. */
export const placeOf = ({ kind }: Source, { daemon, google }: Context): string =>
  kind === "google-adc" ? google.adcFile : daemon.awsConfigFile;
