import type { Trouble, View } from "./view.ts";

/** What the window may ask of the main process. Ids are checked there; no secret crosses but what is entered in it. */
export interface Calls {
  /** The present picture. */
  view(): View;
  /** Signs in, or opens the page of the open sign-in again. The reply comes when the sign-in has ended. */
  signIn(source: string): void;
  /** Goes over to the code that can be entered on another machine. */
  useCode(source: string): void;
  cancelSignIn(source: string): void;
  signOut(source: string): void;
  /** Hands over the one-time code that the open sign-in asks for. */
  submitCode(source: string, code: string): void;
  /** Hands over the secret that the open sign-in asks for. The reply comes when the sign-in has ended. */
  submitSecret(source: string, secret: string): void;
  /** Goes on as whoever has signed in, though it was somebody else before. */
  acceptAccount(source: string): void;
  /** The accounts that whoever is signed in may enter. */
  accounts(source: string): readonly AccountView[];
  /** The roles that they may have in one of them. */
  roles(source: string, account: string): readonly string[];
  /** Writes an organisation into the AWS configuration, and gives its source's id. */
  addOrganisation(startUrl: string, region: string): string;
  /** Writes a profile into the AWS configuration. */
  addProfile(source: string, account: string, role: string, name: string): void;
  /** Puts the address or the code of the open sign-in on the clipboard. */
  copy(source: string, what: "address" | "code"): void;
  quit(): void;
}

/** An account by its number and by the name that its owner gave it. */
export interface AccountView {
  readonly id: string;
  readonly name: string;
}

/** What the main process tells the window. */
export interface Pushes {
  viewChanged: View;
}

/** The names of all calls: the type makes sure that none is missing. */
export const calls: Readonly<Record<keyof Calls, true>> = {
  view: true,
  signIn: true,
  useCode: true,
  cancelSignIn: true,
  signOut: true,
  submitCode: true,
  submitSecret: true,
  acceptAccount: true,
  accounts: true,
  roles: true,
  addOrganisation: true,
  addProfile: true,
  copy: true,
  quit: true,
};

/** The channel of a call or a push. */
export const channelOf = (name: keyof Calls | keyof Pushes): string => `evercred:${name}`;

/** What comes back from a call. A failure is a value: of an Error only the message would cross. */
export type Reply<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "failed"; readonly trouble: Trouble };

/** What the preload script hands to the page. */
export type Bridge = {
  readonly [Name in keyof Calls]: (
    ...args: Parameters<Calls[Name]>
  ) => Promise<Reply<ReturnType<Calls[Name]>>>;
} & {
  /** Calls `listener` with each new picture, until the returned function is called. */
  onViewChanged(listener: (view: View) => void): () => void;
};
