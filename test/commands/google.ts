import { awsKeysOf, type Credential, type Grant } from "../../electron/core/credential.ts";
import {
  type GoogleAsk,
  googleAskOf,
  googleKeyOf,
  plainGoogleAsk,
} from "../../electron/core/google.ts";
import { Secret } from "../../electron/core/secret.ts";
import {
  type Offer,
  type SignInOptions,
  type SignInRequest,
  type Source,
  targetOf,
} from "../../electron/core/source.ts";
import type { ScriptedProvider } from "../fakes/provider.ts";
import { FakeSharedPlace } from "../fakes/shared-place.ts";
import { ScriptedSource, type SourceParts } from "../fakes/source.ts";
import { configure } from "./organisation.ts";
import { World } from "./world.ts";

/** How a Google source differs from one whose sign-in is ours, and of which nothing is configured. */
export interface GoogleParts extends Partial<SourceParts> {
  readonly kind?: Source["kind"];
  readonly offer?: Partial<Offer>;
}

/** The port that its sign-in pages lead back to. */
export const port = 45_123;

/** A Google source over a scripted provider. Its tokens are numbered, and say nothing. */
export class GoogleSource extends ScriptedSource {
  /** What was asked of it, in order. */
  readonly asked: GoogleAsk[] = [];
  /** The scopes of its own tokens. */
  scopes: readonly string[] = ["openid", "https://www.googleapis.com/auth/cloud-platform"];
  /** What its program prints once it runs. */
  prints: readonly string[] = [];
  /** Where its pages lead at their end. */
  redirect = `http://127.0.0.1:${port}/`;
  /** Has its program, once it runs, print another line. */
  tell: (line: string) => void = () => undefined;
  /** Whether there is a page at all. */
  hasPage = true;
  /** What was pasted, in clear. */
  readonly pasted: string[] = [];
  readonly #provider: ScriptedProvider;

  constructor({ clock, provider }: World, id: string, { kind, offer, ...parts }: GoogleParts) {
    super({ clock, provider, id, hasDeviceFlow: false, ...parts });
    this.#provider = provider;
    const offers = new Map([
      [targetOf("gcp", id), { key: googleKeyOf(plainGoogleAsk), title: "access token", ...offer }],
    ]);
    Object.assign(this, { kind: kind ?? "google", offers });
  }

  override async issue(grant: Grant, key: string, signal: AbortSignal): Promise<Credential> {
    const ask = googleAskOf(key)!;
    this.asked.push(ask);
    const { accessKeyId, ...times } = awsKeysOf(
      await this.#provider.issue(grant, key, true, signal),
    );
    const { issuedAt, expiresAt } = times;
    const token = new Secret(`ya29.${accessKeyId}`);
    const scopes = ask.scopes.length > 0 ? ask.scopes : this.scopes;
    return { kind: "token", token, scopes, issuedAt, expiresAt };
  }

  override signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    this.tell = options.say;
    const show = (request: SignInRequest): void => {
      if (!("url" in request)) throw new Error("It asks for no page.");
      const url = `${request.url}?redirect_uri=${encodeURIComponent(this.redirect)}`;
      for (const line of this.prints) options.say(line.replace("{url}", url));
      const paste = (address: Secret): boolean => {
        this.pasted.push(address.reveal());
        const isEnd = address.reveal() === `http://127.0.0.1:${port}/?code=abc`;
        if (isEnd) this.visits.at(-1)!.approve();
        return isEnd;
      };
      if (this.hasPage) options.show({ ...request, url, ...(!this.byProgram && { paste }) });
    };
    // It has no page with a code.
    const flow = options.flow === "device" ? "code" : options.flow;
    return super.signIn({ ...options, flow, show }, signal);
  }
}

/** A world with these Google sources and no others; nobody is signed in yet. */
export const googleWorld = async (
  sources: Readonly<Record<string, GoogleParts>> = { google: {} },
): Promise<World> => {
  const world = await World.make({ sources: {} });
  await configure(
    world,
    Object.fromEntries(
      Object.entries(sources).map(([id, parts]) => [id, new GoogleSource(world, id, parts)]),
    ),
  );
  return world;
};

/** The Google source of this id. */
export const googleOf = (world: World, id = "google"): GoogleSource => {
  const source = world.source(id);
  if (source instanceof GoogleSource) return source;
  throw new Error(`There is no ${id} of Google.`);
};

/** Whose sign-in gcloud keeps, in a file, and does. */
export const gcloudSource = (
  world: World,
  id = "adc",
): { readonly source: GoogleSource; readonly file: FakeSharedPlace } => {
  const shared = new FakeSharedPlace();
  const parts = { kind: "google-adc", keptBy: "gcloud", byProgram: true, shared } as const;
  const source = new GoogleSource(world, id, parts);
  source.prints = ["Go to {url}", "\u001b[1mand come back\u001b[0m"];
  return { source, file: shared };
};

/** A world with such a source; where `signedIn`, gcloud has signed in before. */
export const gcloudWorld = async (
  signedIn: boolean,
): Promise<{ readonly world: World; readonly source: GoogleSource }> => {
  const world = await World.make({ sources: {} });
  const { source, file } = gcloudSource(world);
  if (signedIn) file.leave(world.provider.signIn(source.boundTo));
  await configure(world, { adc: source });
  return { world, source };
};
