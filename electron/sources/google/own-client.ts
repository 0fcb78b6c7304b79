import type { Grant } from "../../core/credential.ts";
import type { SignInOptions } from "../../core/source.ts";
import { type CodeChallenge, type RedeemableCode, signInWithCode } from "../code-flow.ts";
import { type AdcEntry, type AdcMemory, AdcPlace } from "./adc-writer.ts";
import type { OAuthClient } from "./client-file.ts";
import type { FreshTokens } from "./exchanges.ts";
import { noRefreshToken } from "./own-redeem.ts";
import type { GooglePorts } from "./ports.ts";
import { googleClock, type SavedTokens } from "./tokens.ts";

/** What all sources have that sign in with an OAuth client of one's own. */
export interface ClientDefinition {
  readonly id: string;
  readonly title: string;
  readonly client: OAuthClient;
  readonly scopes: readonly string[];
  readonly quotaProject: string | undefined;
  readonly impersonate: readonly string[];
  /** The file of Application Default Credentials. */
  readonly adcFile: string;
  /** Whether that file is to be there for this source. */
  readonly keepsAdc: boolean;
  /** Whether it was to be, and may not now. */
  readonly hidesAdc: boolean;
  readonly adcMemory: AdcMemory;
}

/** The file of Application Default Credentials, as the place where other programs find such a source's sign-in. */
export const adcPlaceOf = (
  { id, adcFile, keepsAdc, hidesAdc, adcMemory }: ClientDefinition,
  boundTo: string,
  { log }: Pick<GooglePorts, "log">,
  entryOf: (grant: Grant) => AdcEntry | undefined,
): AdcPlace =>
  new AdcPlace({
    ...{ id, log, boundTo, entryOf },
    file: adcFile,
    keeps: keepsAdc,
    hides: hidesAdc,
    memory: adcMemory,
  });

/** A page to sign in at, and how the code that it gives is redeemed. */
export interface SignInPage {
  addressOf(challenge: CodeChallenge): Promise<URL>;
  redeem(code: RedeemableCode, signal: AbortSignal): Promise<FreshTokens>;
}

/** The tokens of a sign-in, as far as they are saved alike. */
type SignedIn = Omit<SavedTokens, "version" | "kind" | "boundTo">;

/** Runs a sign-in by a page to its end. Rejects as `signInWithCode` does, and where nothing came that can be renewed. */
export const signInByPage = async (
  { id, title, scopes }: ClientDefinition,
  page: SignInPage,
  ports: GooglePorts,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<{ readonly tokens: SignedIn; readonly idToken: string | undefined }> => {
  // Before a page is shown.
  signal.throwIfAborted();
  const fresh = await signInWithCode(
    {
      id,
      clock: googleClock(ports),
      words: { product: ports.productName, title },
      path: "/",
      // Google has no flow for a browser on another machine.
      pastes: true,
      show: options.show.bind(options),
      addressOf: page.addressOf.bind(page),
      redeem: page.redeem.bind(page),
    },
    signal,
  );
  const { accessToken, refreshToken, idToken, issuedAt, expiresAt } = fresh;
  if (refreshToken === undefined) throw noRefreshToken(id);
  const granted = fresh.scopes.length > 0 ? fresh.scopes : scopes;
  const times = { signedInAt: issuedAt, issuedAt, expiresAt };
  return { tokens: { accessToken, refreshToken, scopes: [...granted], ...times }, idToken };
};

/** What comes of saved tokens by a renewal: the refresh token changes where the provider likes, else the old one goes on being good. */
export const renewedTokens = (
  saved: SavedTokens,
  { accessToken, refreshToken, issuedAt, expiresAt }: FreshTokens,
): SavedTokens => ({
  ...saved,
  accessToken,
  issuedAt,
  expiresAt,
  ...(refreshToken !== undefined && { refreshToken }),
});
