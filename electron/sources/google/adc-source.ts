import { basename } from "node:path";
import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import {
  type Offer,
  type Reach,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
} from "../../core/source.ts";
import type { Problem } from "../problem.ts";
import { programPathOf, programsReady, type SignInProgram, signInWithProgram } from "../program.ts";
import type { AdcDefinition } from "./adc-definition.ts";
import { type AdcReading, chainIn, personIn, readAdcFile } from "./adc-file.ts";
import type { AdcFiles } from "./adc-files.ts";
import type { Adc, AdcFederatedPerson } from "./adc-forms.ts";
import {
  accountOf,
  adcIn,
  bindingOf,
  type FoundAdc,
  foundGrantOf,
  successorOf,
} from "./adc-grant.ts";
import { consentOf, meansOf } from "./adc-means.ts";
import { AdcKeeper } from "./adc-place.ts";
import { programsIn } from "./adc-program.ts";
import { askOf, issueAsk } from "./asks.ts";
import {
  googleRevokeUrl,
  introspect,
  refreshFederated,
  refreshOAuth,
  revokeToken,
  tokenInfoOf,
} from "./exchanges.ts";
import { gcloudLogin, gcloudMustNotSee, needGcloud } from "./gcloud.ts";
import type { KeyGiver } from "./keys.ts";
import type { Draft } from "./loaded-sources.ts";
import { type GoogleKey, googleOffers } from "./offer.ts";
import { googleHosts, type GooglePorts } from "./ports.ts";
import { restored, type SavedTokens, tokensIn } from "./tokens.ts";

export { type AdcConfig, type AdcDefinition, adcDefinitionOf } from "./adc-definition.ts";
export { AdcFiles } from "./adc-files.ts";

/** The source of a file, as it is now, whether the file has ever said what it is, and what is wrong with it. Never rejects. */
export const adcDraftOf = async (
  definition: AdcDefinition,
  ports: GooglePorts,
  files: AdcFiles,
): Promise<{
  readonly draft: Draft<AdcSource>;
  readonly isKnown: boolean;
  readonly problem: Problem | undefined;
}> => {
  const { adc, problem } = await files.read(definition.file);
  const draft: Draft<AdcSource> = {
    id: definition.id,
    bound: definition.impersonate.length > 0 ? undefined : adc && boundIn(adc),
    isOwn: false,
    make: (keys) => new AdcSource(definition, adc, ports, keys),
  };
  return { draft, isKnown: adc !== undefined, problem };
};

/** Application Default Credentials that others keep in a file. */
export class AdcSource implements Source {
  readonly kind = "google-adc";
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly unattended: boolean;
  readonly keptBy: string;
  readonly byProgram: boolean;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #definition: AdcDefinition;
  readonly #adc: Adc | undefined;
  readonly #ports: GooglePorts;

  /** `adc`: what the file says; undefined where it is not there yet, to be made by a sign-in. */
  constructor(
    definition: AdcDefinition,
    adc: Adc | undefined,
    ports: GooglePorts,
    keys: readonly GoogleKey[],
  ) {
    const { id, title, file, isWellKnown } = definition;
    this.#definition = definition;
    this.#adc = adc;
    this.#ports = ports;
    this.id = sourceIdOf(id);
    this.title = title;
    this.unattended = adc !== undefined && personIn(adc) === undefined;
    this.byProgram = !this.unattended;
    this.keptBy = isWellKnown && !this.unattended ? "gcloud" : basename(file);
    this.organisation = organisationOf(adc);
    this.boundTo = bindingOf(file, adc);
    this.reach = {
      isGoogle: true,
      programs: (grant) => {
        const own = grant === undefined ? adc : adcIn(tokensIn(grant, id), id);
        return own === undefined ? [] : programsIn(own, ports);
      },
      signInPrograms: () => (this.unattended ? [] : [programPathOf(this.#signIn)]),
    };
    this.offers = offersOf(definition, adc, keys);
    this.shared = new AdcKeeper(id, file, this.boundTo, ports.log);
  }

  offsetMs(): number {
    return this.#ports.providerTime.offsetMs(googleHosts);
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const { file } = this.#definition;
    await programsReady();
    this.#checkProgram();
    const program = this.#signIn;
    const before = await readAdcFile(file);
    await signInWithProgram(program, options, this.#ports.clock, signal);
    const after = await readAdcFile(file);
    const name = basename(program.argv[0]);
    return foundGrantOf(file, newIn(after, before, this.#definition, name));
  }

  async renew(grant: Grant, signal: AbortSignal): Promise<Grant> {
    const { saved, person } = this.#known(grant);
    if (person === undefined) {
      throw new EvercredError("internal", `What ${this.id} has cannot be renewed.`);
    }
    const fresh =
      person.type === "authorized_user"
        ? await refreshOAuth(consentOf(this.id, person, saved), undefined, this.#ports, signal)
        : await refreshFederated(federatedOf(this.id, person, saved), this.#ports, signal);
    return successorOf(saved, fresh);
  }

  async issue(grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    signal.throwIfAborted();
    const ask = askOf(key, this.id);
    return issueAsk(
      ask,
      meansOf(this.#definition, grant, this.#ports, signal),
      this.#ports,
      signal,
    );
  }

  async identify(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    if (grant.account !== undefined) return grant.account;
    return this.#whose(grant, signal);
  }

  async probe(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.#whose(grant, signal);
  }

  async revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    const { saved, person } = this.#known(grant);
    const { refreshToken = "" } = saved;
    if (person === undefined) return;
    if (person.type === "authorized_user") {
      await revokeToken(this.id, googleRevokeUrl, refreshToken, this.#ports, signal);
      return;
    }
    const client = federatedOf(this.id, person, saved);
    // Where the file does not name it, it stands beside the other addresses of the token service.
    const url = person.revoke_url ?? new URL("revoke", client.tokenUrl).href;
    await revokeToken(this.id, url, refreshToken, this.#ports, signal, client);
  }

  restore(saved: Secret): Grant | undefined {
    return restored(saved, this.kind);
  }

  /** Who has a person's access token, as Google says. */
  async #whose(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const { saved, person } = this.#known(grant);
    const { accessToken } = saved;
    if (person === undefined || accessToken === undefined) return undefined;
    if (person.type === "authorized_user") {
      return (await tokenInfoOf(this.id, accessToken, this.#ports, signal)).email;
    }
    const client = federatedOf(this.id, person, saved);
    const url = person.token_info_url ?? new URL("introspect", client.tokenUrl).href;
    return introspect(client, url, accessToken, this.#ports, signal);
  }

  #known(grant: Grant) {
    const saved = tokensIn(grant, this.id);
    return { saved, person: personIn(adcIn(saved, this.id)) };
  }

  /** The program that signs in. */
  get #signIn(): SignInProgram {
    const { signIn, timeoutMs } = this.#definition;
    const argv = signIn ?? gcloudLogin(this.#adc === undefined ? [] : chainIn(this.#adc));
    return { argv, timeoutMs, unset: gcloudMustNotSee };
  }

  /** Throws where there is no program that signs in. */
  #checkProgram(): void {
    const { id, file, signIn, isWellKnown } = this.#definition;
    if (this.unattended) throw new EvercredError("usage", `${this.title} needs no sign-in.`);
    if (signIn !== undefined) return;
    if (!isWellKnown) {
      const sentence = `Nobody here knows which program signs in to ${file}.`;
      throw new EvercredError("config-invalid", sentence, {
        remedy: `Sign in with whatever made it, or set sources.${id}.signIn.`,
      });
    }
    const { env, home } = this.#ports;
    needGcloud(env, home);
  }
}

/** What a program that has ended well has left in the file: a sign-in that was not there before, or why it is none. */
const newIn = (
  after: AdcReading,
  before: AdcReading,
  { id, file }: AdcDefinition,
  program: string,
): FoundAdc => {
  const failed = (sentence: string, remedy: string): EvercredError =>
    new EvercredError("sign-in-denied", sentence, { remedy });
  switch (after.kind) {
    case "broken":
      throw failed(after.fault.sentence, after.fault.remedy);
    case "absent":
      throw failed(`${program} has left nothing in ${file}.`, `Correct signIn of sources.${id}.`);
    case "adc":
      break;
  }
  if (personIn(after.adc) === undefined) {
    throw failed(`${file} now holds what needs no sign-in.`, "Use it as it is.");
  }
  const isOld =
    before.kind === "adc" && before.text === after.text && before.writtenAt === after.writtenAt;
  if (!isOld) return after;
  throw failed(
    `${program} has left ${file} as it was.`,
    "Run the same command in a terminal to see what it does.",
  );
};

const federatedOf = (
  id: string,
  person: AdcFederatedPerson,
  { refreshToken = "" }: SavedTokens,
) => ({
  id,
  clientId: person.client_id,
  clientSecret: person.client_secret,
  refreshToken,
  tokenUrl: person.token_url ?? `https://sts.${person.universe_domain}/v1/oauthtoken`,
});

const organisationOf = (adc: Adc | undefined): string => {
  const person = adc && personIn(adc);
  if (adc !== undefined && person === undefined) return adc.universe_domain;
  return person?.type === "external_account_authorized_user"
    ? "auth.cloud.google"
    : "accounts.google.com";
};

/** What in a file cannot choose an audience: a service account can. */
const boundIn = (adc: Adc): KeyGiver["bound"] => {
  if (adc.type === "service_account" || chainIn(adc).length > 0) return undefined;
  return personIn(adc) === undefined ? "a federated identity" : "a person's own sign-in";
};

const offersOf = (
  { id, title, impersonate, quotaProject }: AdcDefinition,
  adc: Adc | undefined,
  keys: readonly GoogleKey[],
): ReadonlyMap<Target, Offer> => {
  const whose = impersonate.at(-1) ?? (adc && (chainIn(adc).at(-1) ?? accountOf(adc))) ?? title;
  const base = adc?.type === "impersonated_service_account" ? adc.source_credentials : adc;
  const own = base?.type === "service_account" ? base.project_id : undefined;
  const project = quotaProject ?? adc?.quota_project_id ?? own;
  return googleOffers({ id, whose, project, keys });
};
