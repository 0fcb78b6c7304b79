import type { Grant } from "../../electron/core/credential.ts";
import type { Account, SignInOptions, SignInRequest } from "../../electron/core/source.ts";
import { never } from "../../electron/core/time.ts";
import { FakeSharedPlace } from "../fakes/shared-place.ts";
import { key, ScriptedSource, type SourceParts } from "../fakes/source.ts";
import { hour, World } from "./world.ts";

/** A source as a test describes it; what it stands on is the world's. */
export type Described = Omit<SourceParts, "clock" | "provider" | "id">;

/** What an organisation gives people: account id -> its name and its roles. */
export type Given = Readonly<
  Record<
    string,
    { readonly name: string; readonly email?: string; readonly roles: readonly string[] }
  >
>;

/** A source that asks for the code of a device, and takes one code only. */
class CodeSource extends ScriptedSource {
  accepted = "123456";
  /** What was handed over, in clear. */
  readonly typed: string[] = [];
  override flow = "mfa" as const;

  override signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const show = (request: SignInRequest): void => {
      if (request.flow !== "mfa") throw new Error("It asks for a page.");
      options.show({
        ...request,
        device: "arn:aws:iam::111122223333:mfa/ann",
        submit: (code) => {
          this.typed.push(code.reveal());
          const visit = this.visits.at(-1)!;
          if (code.reveal() === this.accepted) visit.approve();
          else visit.refuse();
        },
      });
    };
    return super.signIn({ ...options, show }, signal);
  }
}

/** A source whose keys are a profile's own, not an organisation's. */
const asProfile = <Made extends ScriptedSource>(source: Made): Made =>
  Object.assign(source, { kind: "aws-profile" as const }) as Made;

/** A source `mfa` that asks for a code. */
export const codeSource = (
  { clock, provider }: World,
  profiles: SourceParts["profiles"] = { dev: key },
): CodeSource => asProfile(new CodeSource({ clock, provider, id: "mfa", profiles }));

/** Takes these sources for all there are. */
export const configure = async (
  world: World,
  sources: Readonly<Record<string, Described | ScriptedSource>>,
): Promise<void> => {
  const { clock, provider } = world;
  world.sources = Object.entries(sources).map(([id, source]) =>
    source instanceof ScriptedSource
      ? source
      : new ScriptedSource({ clock, provider, id, ...source }),
  );
  await world.broker.configure(world.sources);
};

/** A world with these sources and no others. */
export const worldOf = async (sources: Readonly<Record<string, Described>>): Promise<World> => {
  const world = await World.make({ sources: {} });
  await configure(world, sources);
  return world;
};

/** A source that needs nobody: its keys stand in a file, which can be taken away. */
export const build = (
  world: World,
): { readonly source: ScriptedSource; readonly file: FakeSharedPlace } => {
  const { clock, provider } = world;
  const file = new FakeSharedPlace();
  file.writable = false;
  const boundTo = "the keys of build";
  file.leave({ ...provider.signIn(boundTo), renewable: false, expiresAt: never });
  provider.accessMs = 1_000 * hour;
  const source = new ScriptedSource({
    clock,
    provider,
    id: "build",
    boundTo,
    shared: file,
    unattended: true,
    profiles: { build: key },
  });
  // What stands in a file does not end with a sign-out.
  return { source: Object.assign(asProfile(source), { revoke: () => Promise.resolve() }), file };
};

/** A world whose only source is an organisation that gives people this; nobody is signed in yet. */
export const organisation = async (given: Given): Promise<World> => {
  const world = await World.make({ sources: {} });
  await give(world, "corp", given);
  return world;
};

/** From now on the source of this id is an organisation that gives people this. */
export const give = async (world: World, id: string, given: Given): Promise<void> => {
  const { clock, provider } = world;
  provider.roles = Object.fromEntries(
    Object.entries(given).map(([account, { roles }]) => [account, roles]),
  );
  const source = new ScriptedSource({ clock, provider, id, profiles: {}, lists: true });
  const lists = source.directory!;
  const named = (account: Account): Account => {
    const { name = "", email = "" } = given[account.id] ?? {};
    return { ...account, name, email };
  };
  Object.assign(source, {
    directory: {
      ...lists,
      accounts: async (grant: Grant, signal: AbortSignal) =>
        (await lists.accounts(grant, signal)).map(named),
    },
  });
  world.sources = [...world.sources.filter((each) => each.id !== id), source];
  await world.broker.configure(world.sources);
};
