import { tokenOf, type TokenCredential } from "../../electron/core/credential.ts";
import { Secret } from "../../electron/core/secret.ts";
import { type Offer, type Target, targetOf } from "../../electron/core/source.ts";
import { ScriptedSource, type SourceParts } from "../fakes/source.ts";
import { World } from "./world.ts";

/** A key that is a source of its own, and is this text. */
class KeySource extends ScriptedSource {
  override readonly offers: ReadonlyMap<Target, Offer>;
  declare enteredBy?: string;
  readonly #text: string;

  constructor(name: string, text: string, parts: SourceParts) {
    super({ ...parts, id: name, profiles: {} });
    this.#text = text;
    this.offers = new Map([[targetOf("api-key", name), { key: name, title: name }]]);
  }

  /** What it is was entered here by a person. */
  enter(): void {
    this.enteredBy = `evercred api-key set ${this.id}`;
  }

  override async issue(...asked: Parameters<ScriptedSource["issue"]>): Promise<TokenCredential> {
    const issued = tokenOf(await super.issue(...asked));
    return { ...issued, token: new Secret(this.#text) };
  }
}

/** Adds keys to a world, by name, and signs in to each. */
export const addKeys = async (
  world: World,
  keys: Readonly<Record<string, string>>,
  how?: "entered",
): Promise<void> => {
  const { clock, provider } = world;
  provider.tokens = true;
  const added = Object.entries(keys).map(
    ([name, text]) => new KeySource(name, text, { clock, provider }),
  );
  if (how === "entered") for (const source of added) source.enter();
  const known = Object.keys(keys).map((name) => [name, { kind: "command" }] as const);
  world.config.tree = { ...world.config.tree, keys: Object.fromEntries(known) };
  world.sources = [...world.sources, ...added];
  await world.broker.configure(world.sources);
  for (const { id } of added) await world.signIn(id);
};

/** A world in which there is nothing but these keys, and each can be had. */
export const worldOf = async (keys: Readonly<Record<string, string>>): Promise<World> => {
  const world = await World.make({ sources: {} });
  await addKeys(world, keys);
  return world;
};
