import type { Source, Target, Offer } from "../../electron/core/source.ts";
import { targetOf } from "../../electron/core/source.ts";
import { instantOf, never } from "../../electron/core/time.ts";
import { EnteredSource } from "../fakes/entered.ts";
import { FakeSharedPlace } from "../fakes/shared-place.ts";
import { ScriptedSource, type SourceParts } from "../fakes/source.ts";
import { hour, World } from "./world.ts";

interface KeyEntry {
  readonly kind: string;
  readonly expiresAt?: string;
  readonly source?: string;
  readonly signIn?: readonly string[];
}

/** A world whose sources are those of its configuration, as far as they can be used, and those that it finds. */
export interface Configured {
  readonly world: World;
  /** The sources and keys that cannot be used as they are configured. */
  readonly unusable: Set<string>;
}

/** Such a world, with this configuration to begin with; `found` are the sources that need no entry. */
export const configuredWorld = async (
  tree: World["config"]["tree"] = {},
  found: readonly string[] = [],
): Promise<Configured> => {
  const world = await World.make({ sources: {} });
  world.provider.tokens = true;
  const unusable = new Set<string>();
  world.config.apply = () => load(world, unusable, found);
  world.config.tree = tree;
  await world.config.apply();
  return { world, unusable };
};

const load = async (
  world: World,
  unusable: ReadonlySet<string>,
  found: readonly string[],
): Promise<void> => {
  const { clock } = world;
  const { sources, keys } = world.config.settings;
  const entries = Object.entries(keys as Readonly<Record<string, KeyEntry>>).filter(
    ([name]) => !unusable.has(name),
  );
  const entered = entries
    .filter(([, { kind }]) => kind === "static" || kind === "jwt")
    .map(([id, { kind, expiresAt }]) => {
      const isPrivateKey = kind === "jwt";
      return new EnteredSource(clock, { id, isPrivateKey, endsAt: endOf(expiresAt) });
    });
  const programs = entries
    .filter(([, { kind }]) => kind === "command")
    .map(([id, { signIn }]) => program(world, id, signIn !== undefined));
  const ids = new Set([...found, ...Object.keys(sources).filter((id) => !unusable.has(id))]);
  const places = [...ids].map((id) => {
    const names = entries.filter(([, { source }]) => source === id).map(([name]) => name);
    return offering(made(world, id, {}), sources[id]?.kind ?? "aws-sso", names);
  });
  world.sources = [...programs, ...places];
  await world.broker.configure([...entered, ...world.sources]);
};

/** A day is over at its end. */
const endOf = (date: string | undefined): ReturnType<typeof instantOf> =>
  date === undefined ? never : instantOf(Date.parse(date) + 24 * hour);

const made = (
  { clock, provider }: World,
  id: string,
  parts: Partial<SourceParts>,
): ScriptedSource => new ScriptedSource({ clock, provider, id, profiles: {}, ...parts });

const offering = (
  source: ScriptedSource,
  kind: string,
  keys: readonly string[],
): ScriptedSource => {
  const offers = new Map<Target, Offer>(
    keys.map((name) => [targetOf("api-key", name), { key: name, title: name }]),
  );
  return Object.assign(source, { kind: kind as Source["kind"], offers }) as ScriptedSource;
};

/** A key that a program prints; where that has to be signed in to, by a page. */
const program = (world: World, id: string, signsIn: boolean): ScriptedSource => {
  if (signsIn) return offering(made(world, id, { byProgram: true }), "command-key", [id]);
  const shared = new FakeSharedPlace();
  const boundTo = `the program of ${id}`;
  shared.leave({ ...world.provider.signIn(boundTo), renewable: false, expiresAt: never });
  return offering(made(world, id, { unattended: true, shared, boundTo }), "command-key", [id]);
};
