import type { Flow } from "../../core/source.ts";

/** A role in an account under the name of a profile. */
export interface ProfileRole {
  readonly name: string;
  readonly account: string;
  readonly role: string;
  /** Where the profile's programs work; not where the organisation is. */
  readonly region: string | undefined;
}

/** One place to sign in to, as the configuration describes it. */
export interface AwsSsoDefinition {
  readonly id: string;
  readonly title: string;
  /** As it is written: other tools compare and hash it so. */
  readonly startUrl: string;
  readonly region: string;
  readonly scopes: readonly string[];
  /** Profiles without an sso-session: device flow, no refresh token, a fixed lifetime. */
  readonly legacy: boolean;
  /** Whose hashes name the files in `~/.aws/sso/cache`: the session's name, or each spelling of the start URL. */
  readonly cacheNames: readonly string[];
  readonly flow: Flow;
  readonly profiles: readonly ProfileRole[];
}

/** An `aws-sso` entry of Evercred's own configuration. It adds to what `~/.aws/config` says, and wins over it. */
export interface ConfiguredSource {
  readonly id: string;
  readonly startUrl?: string | undefined;
  readonly region?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly flow?: Flow | undefined;
  readonly title?: string | undefined;
  readonly profiles?:
    | readonly {
        readonly name: string;
        readonly account: string;
        readonly role: string;
        readonly region?: string | undefined;
      }[]
    | undefined;
}

/** What a session asks for where nothing else is said: access to accounts, and with it a refresh token. */
export const usualScopes: readonly string[] = ["sso:account:access"];

/** Organisation, region and scopes in one string: equal where a grant of one is good for the other. */
export const bindingOf = (
  plainStartUrl: string,
  region: string,
  scopes: readonly string[],
): string => JSON.stringify([plainStartUrl, region, [...scopes].sort()]);
