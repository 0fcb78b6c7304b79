import type { AwsCredential, Credential, Grant } from "./credential.ts";
import type { EvercredError } from "./errors.ts";
import type { Secret } from "./secret.ts";
import type { Instant } from "./time.ts";

declare const sourceId: unique symbol;
declare const target: unique symbol;

/** The name of a place to sign in to: `[a-z0-9-]`, at most 32 characters, unique over all kinds. */
export type SourceId = string & { readonly [sourceId]: true };

/** What a credential is for: `aws:PROFILE`, `gcp:SOURCE`, `api-key:NAME`. */
export type Target = string & { readonly [target]: true };

export const sourceIdOf = (id: string): SourceId => id as SourceId;
export const targetOf = (kind: "aws" | "gcp" | "api-key", name: string): Target =>
  `${kind}:${name}` as Target;

/**
 * How a sign-in reaches a person: a page, a page with a code to enter there, a code to enter here, a page of another
 * program's sign-in, a secret to enter here.
 */
export type Flow = "code" | "device" | "mfa" | "program" | "secret";

/** A page that a person has to open. */
export interface PageRequest {
  readonly flow: "code" | "device" | "program";
  /** The address to open. */
  readonly url: string;
  /** What the page shows, for comparison; only in the device flow. */
  readonly userCode?: string;
  /** When the provider stops waiting. */
  readonly endsAt: Instant;
  /**
   * Takes the address of the page at the end, which did not load since the browser runs on another machine. False
   * where that is not the end of this sign-in. Left out where there is nothing to paste.
   */
  readonly paste?: (address: Secret) => boolean;
}

/** A one-time code that a person reads off a device of theirs. */
export interface CodeRequest {
  readonly flow: "mfa";
  /** Which device: its serial number or ARN, as the configuration names it. */
  readonly device: string;
  readonly endsAt: Instant;
  /** Hands over what was typed. It is used once and kept nowhere; only the first call counts. */
  submit(code: Secret): void;
}

/** A secret that a person has: a key, a password, a private key. */
export interface SecretRequest {
  readonly flow: "secret";
  /** What is asked for: `the key of litellm`. */
  readonly what: string;
  /** Whether it may have several lines. */
  readonly hasLines: boolean;
  readonly endsAt: Instant;
  /** Hands over what was entered. Returns whether it counts: only the first one does, while the request is open. */
  submit(secret: Secret): boolean;
}

/** What a person needs in order to sign in. */
export type SignInRequest = PageRequest | CodeRequest | SecretRequest;

/** The page of a request; undefined where something is entered here instead. */
export const pageOf = (request: SignInRequest | undefined): PageRequest | undefined =>
  request !== undefined && "url" in request ? request : undefined;

/** How a sign-in is to be done. */
export interface SignInOptions {
  /** A wish: a source that cannot do it uses what it can. */
  readonly flow: Flow;
  /** A grant that is still there; what is reusable in it may be reused. */
  readonly previous: Grant | undefined;
  /**
   * Settles once somebody is there, or acts on it: a program of others is not started before. Settles also where the
   * signal is aborted; never rejects.
   */
  readonly attended: Promise<void>;
  /** Called once, as soon as there is something to open. */
  show(request: SignInRequest): void;
  /** A line that the program which signs in has printed. */
  say(line: string): void;
}

/** One thing that a source can hand out. Equal keys are the same credential under several names. */
export interface Offer {
  readonly key: string;
  /** For people: `ClaudeCode in 111122223333`. */
  readonly title: string;
  /** Where its programs work, if the configuration says so. */
  readonly region?: string | undefined;
  /** The project that its programs work in, likewise. */
  readonly project?: string | undefined;
  /** The number of the AWS account that it leads into. */
  readonly account?: string | undefined;
  /** The kind of key that the configuration calls it, where it is one. */
  readonly keyKind?: string | undefined;
}

/** What an organisation may have a word on: where a source leads, and what it runs for that. */
export interface Reach {
  /** The start URL of an AWS organisation. */
  readonly startUrl?: string | undefined;
  /** The issuer, of OpenID Connect. */
  readonly issuer?: string | undefined;
  /** Whether people of Google domains sign in to it. */
  readonly isGoogle?: boolean;
  /**
   * The programs that it runs to serve, with this grant: by path as they are found now, by name where they are not, and
   * `shell` for a command line.
   */
  programs?(grant: Grant | undefined): readonly string[];
  /** Likewise, those that only its sign-in runs. */
  signInPrograms?(): readonly string[];
}

/** The word of an organisation on a source. It may change at any time. */
export interface Restraint {
  /** The same object while that word is the same: what was handed out under another one is no longer handed out. */
  readonly word: object;
  /** Why the source may not be used at all, or not with this grant, as far as can be told at once. */
  refusal(grant: Grant | undefined): EvercredError | undefined;
  /** Why what this key names may not be handed out. */
  refusalOf(key: string): EvercredError | undefined;
  /** Why nothing may be had in this account of AWS. */
  refusalOfAccount(account: string): EvercredError | undefined;
  /** Resolves where whoever signed in may use the source. Rejects with `policy-refused`, or why nobody could find out. */
  admit(grant: Grant, signal: AbortSignal): Promise<void>;
}

/** A credential, and the key of its offer. */
export interface Held {
  readonly key: string;
  readonly credential: Credential;
}

/** An account that a signed-in person may enter. */
export interface Account {
  readonly id: string;
  readonly name: string;
  /** Of its owner; empty where the provider does not say. */
  readonly email: string;
}

/** What a provider lists of all that a signed-in person may have. Rejects as `issue` does. */
export interface Directory {
  accounts(grant: Grant, signal: AbortSignal): Promise<readonly Account[]>;
  /** The names of the roles in an account. */
  roles(grant: Grant, account: string, signal: AbortSignal): Promise<readonly string[]>;
}

/**
 * A place outside the keychain where other tools keep, and look for, the same sign-in; for a source that is `keptBy`
 * others, the only place. All of it is best effort: it never rejects.
 */
export interface SharedPlace {
  /** Whether we may write there: if not, what other tools leave there stays theirs. */
  readonly writable: boolean;
  /**
   * What stands there now. A grant found there that is not `known` is `foreign`. It is renewable only
   * where `keep` is true: else it stays with whoever put it there, and its refresh token is not spent. Of a source
   * that is kept by others `keep` is always true.
   */
  look(
    known: Grant | undefined,
    keep: boolean,
  ): Promise<
    | { readonly kind: "absent" }
    | { readonly kind: "known" }
    | { readonly kind: "foreign"; readonly grant: Grant }
  >;
  /**
   * Lets other tools have a grant that is ours and saved, as far as they may. Of a source that is kept by others:
   * writes a successor back, where the place still has what it came from, so that it is found again as of the same
   * sign-in, with its `signedInAt`. Resolves to whether it stands there now.
   */
  publish(grant: Grant): Promise<boolean>;
  /** Takes away what stands there; where a grant is given, only if it is that one's. */
  withdraw(only: Grant | undefined): Promise<void>;
}

/** A grant of a source that no configuration names any more: it can only be ended. */
export interface StrayGrant {
  /** Whose it is, for people. */
  readonly organisation: string;
  /** Ends it at its provider. Rejects as `Source.revoke` does. */
  revoke(signal: AbortSignal): Promise<void>;
  /** Takes away what other tools may see of it. Never rejects. */
  withdraw(): Promise<void>;
}

/** The command by which a person signs in to a source. */
export const signInCommandOf = ({ id, enteredBy }: Pick<Source, "id" | "enteredBy">): string =>
  enteredBy ?? `evercred login ${id}`;

/** A place to sign in to. Stateless: all state is in the grant. Every failure is an EvercredError. */
export interface Source {
  readonly id: SourceId;
  readonly kind:
    | "aws-sso"
    | "aws-profile"
    | "google"
    | "google-adc"
    | "google-workforce"
    | "oidc"
    | "command"
    | "static-key"
    | "command-key"
    | "jwt-key";
  /** Whether it needs nobody: there is no sign-in. It is kept by others: a file with keys, a program, the machine. */
  readonly unattended: boolean;
  /**
   * Who keeps its grant, in the shared place: what stands there is the truth, is taken up from there and never
   * saved here. Undefined: we keep it, in the keychain.
   */
  readonly keptBy: string | undefined;
  /** Whether its sign-in can be finished on another machine, by a code. */
  readonly hasDeviceFlow?: boolean;
  /** Whether another program does its sign-in, which is not started before somebody is there. */
  readonly byProgram?: boolean;
  /**
   * The command by which a person enters its secret, where that is the sign-in; left out for all others. What was made
   * of a secret before is forgotten with a new one.
   */
  readonly enteredBy?: string;
  /** How long before the end a person is asked, in milliseconds, where the configuration says so of this source. */
  readonly askBeforeMs?: number;
  /** Whether what has ended stays in the keychain: the end is the configuration's word, which may change. */
  readonly keepsEnded?: boolean;
  /** Whether what was found wanting may be good again without a sign-in here: then callers may try. */
  readonly mayRecover?: boolean;
  /** Whether its `renew` takes `wanted`; left out: nothing that it has is renewed for one target. */
  readonly renewsApart?: boolean;
  /** Who is to sign in, where the configuration says; another one has to be accepted. */
  readonly account?: string | undefined;
  /** Other names of the same place, under which people may ask for it. */
  readonly aliases?: readonly string[];
  readonly title: string;
  /** The address that people know the organisation by: a host. */
  readonly organisation: string;
  readonly boundTo: string;
  /** Left out where it leads nowhere and runs nothing. */
  readonly reach?: Reach;
  /** Left out where nobody but the user has a word on it. */
  readonly restraint?: Restraint;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace | undefined;
  /** Undefined where the provider lists nothing. */
  readonly directory: Directory | undefined;
  /**
   * The hosts that its sign-in pages are on: `login.example.com`, or `*.example.com` for all below that one. Asked once
   * there is a page: not before then are all of them known. Undefined, or left out, where nobody knows them.
   */
  pageHosts?(): readonly string[] | undefined;
  /** How far the provider's clock is ahead of ours, in milliseconds. */
  offsetMs(): number;
  /** Runs a sign-in to its end. Rejects with `sign-in-denied`, `timed-out`, or the signal's reason. */
  signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant>;
  /**
   * A successor, which may have spent the grant: it must be saved before it is used. Where `wanted` is given, which it
   * is only where the source `renewsApart`, one that has what this key names; rejects then with `access-denied` where
   * the person may not have it, and the grant goes on. Rejects with one of `endings` only on the provider's own word.
   */
  renew(grant: Grant, signal: AbortSignal, wanted?: string): Promise<Grant>;
  /**
   * Hands out what `key` names. Rejects with `token-rejected` where the provider does not know the grant's access
   * token, or the grant has to be renewed for this key; the cause may say why. With `access-denied` where the person
   * may not have this. `other` gives what another key names, from memory where it is good there, `fresh` or not: a role
   * is often reached from another role. What is made of others so, and is no newer than what there is, is asked for
   * again, and `other` then gives fresh ones.
   */
  issue(
    grant: Grant,
    key: string,
    signal: AbortSignal,
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<Credential>;
  /**
   * Who signed in, by a name that people know and that stays the same; undefined where the provider does not tell.
   * With `held`, which the grant has issued for `key`, only as far as that tells: no other is asked for.
   */
  identify(grant: Grant, signal: AbortSignal, held: Held | undefined): Promise<string | undefined>;
  /**
   * The number of the account that AWS keys are of, as AWS itself has it. Left out where keys come with nobody's word but
   * the provider's own.
   */
  accountOf?(credential: AwsCredential, signal: AbortSignal): Promise<string | undefined>;
  /** Asks the provider whether it knows the grant. Rejects with `token-rejected` where it does not. */
  probe(grant: Grant, signal: AbortSignal): Promise<void>;
  /** Ends the grant at the provider. */
  revoke(grant: Grant, signal: AbortSignal): Promise<void>;
  /** The grant that was saved so; undefined where it cannot be read. */
  restore(saved: Secret): Grant | undefined;
}
