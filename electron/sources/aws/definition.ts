import type { Secret } from "../../core/secret.ts";
import type { Flow } from "../../core/source.ts";
import type { Instant } from "../../core/time.ts";
import type { Argv } from "../command.ts";
import type { SignInProgram } from "../program.ts";

/** A role in an account under the name of a profile. */
export interface ProfileRole {
  readonly name: string;
  readonly account: string;
  readonly role: string;
  /** Where the profile's programs work; not where the organisation is. */
  readonly region: string | undefined;
}

/** The key of a credential that Identity Center itself gives. */
export const roleKeyOf = ({ account, role }: Pick<ProfileRole, "account" | "role">): string =>
  `${account}/${role}`;

/** A profile whose role is assumed with the credential of another one. */
export interface AssumedRole {
  /** The profile. */
  readonly name: string;
  /** Of the credential: equal for profiles that are the same role, in the same way, from the same parent. */
  readonly key: string;
  /** The key of the credential that it is assumed with; undefined: with what the source itself has. */
  readonly parent: string | undefined;
  /** Whether that credential is a role's: then an hour is the most that AWS gives. */
  readonly chained: boolean;
  readonly roleArn: string;
  readonly sessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly durationMs: number | undefined;
  /** Where the token service is asked. */
  readonly stsRegion: string;
  /** Where the profile's programs work. */
  readonly region: string | undefined;
}

/** What a profile has that needs no Identity Center. */
export type ProfileRoot =
  | {
      readonly kind: "keys";
      readonly accessKeyId: string;
      readonly secretAccessKey: Secret;
      /** Only of keys that are short-lived already. */
      readonly sessionToken: Secret | undefined;
      /** The end of such keys, where the file says it. */
      readonly endsAt: Instant | undefined;
    }
  /** The line as it is written; where it stands in the file is where its failures are. */
  | { readonly kind: "process"; readonly command: string }
  | {
      readonly kind: "web-identity";
      readonly tokenFile: string;
      readonly roleArn: string;
      readonly sessionName: string | undefined;
      readonly durationMs: number | undefined;
    }
  | { readonly kind: "environment" | "ec2" | "ecs" };

/** A profile with keys of its own, and the roles that are assumed with them. */
export interface AwsProfileDefinition {
  readonly id: string;
  readonly title: string;
  readonly root: ProfileRoot;
  /** The serial number or ARN of the device whose code is asked for first. Only with long-lived keys. */
  readonly mfaSerial: string | undefined;
  /** The names under which the root's own credential is handed out. */
  readonly profiles: readonly { readonly name: string; readonly region: string | undefined }[];
  readonly assumed: readonly AssumedRole[];
  readonly stsRegion: string;
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
  /** Signs in in our place, and leaves what it gets in `~/.aws/sso/cache`. */
  readonly program?: SignInProgram | undefined;
  readonly profiles: readonly ProfileRole[];
  /** Roles that are assumed with one of its own. */
  readonly assumed: readonly AssumedRole[];
  /** Other names of the same organisation in `~/.aws/config`. */
  readonly aliases: readonly string[];
}

/** An `aws-sso` entry of Evercred's own configuration. It adds to what `~/.aws/config` says, and wins over it. */
export interface ConfiguredSource {
  readonly id: string;
  readonly kind?: "aws-sso";
  readonly startUrl?: string | undefined;
  readonly region?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly flow?: Flow | undefined;
  /** The program that signs in. */
  readonly signIn?: Argv | undefined;
  /** How long that may take, in milliseconds. */
  readonly timeout?: number | undefined;
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
