import type {
  OfferView,
  QuestionView,
  SourceView,
  StandingView,
  View,
} from "../../electron/protocol/view.ts";

/** When these pictures were drawn: two in the afternoon. */
export const at = Date.UTC(2027, 0, 4, 14);

export const minute = 60_000;
export const hour = 60 * minute;

export const active: StandingView = {
  kind: "active",
  expiresAt: at + 45 * minute,
  renewAt: at + 25 * minute,
};

export const signedOut = (
  reason: Extract<StandingView, { kind: "signed-out" }>["reason"],
): StandingView => ({ kind: "signed-out", reason });

export const failing = (icon: "attention" | "offline", expiresAt = at + hour): StandingView => ({
  kind: "failing",
  expiresAt,
  retryAt: at + minute,
  since: at - 10 * minute,
  trouble: {
    code: "unreachable",
    sentence: "The provider cannot be reached.",
    remedy: "Check the network.",
  },
  icon,
});

export const codeSignIn = {
  startedBy: { kind: "person" },
  startedAt: at - 20_000,
  doubt: undefined,
  trusted: false,
  flow: "code",
  url: "https://oidc.eu-central-1.amazonaws.com/authorize",
  host: "oidc.eu-central-1.amazonaws.com",
  userCode: undefined,
  device: undefined,
  secret: undefined,
  endsAt: at + 580_000,
  opened: true,
  belated: false,
  mayUseCode: true,
  lines: [],
  other: undefined,
} as const;

export const deviceSignIn = {
  ...codeSignIn,
  flow: "device",
  host: "device.sso.eu-central-1.amazonaws.com",
  userCode: "ABCD-EFGH",
} as const;

/** A sign-in that waits for a secret to be entered. */
export const secretSignIn = (what: string, hasLines = false) =>
  ({
    ...codeSignIn,
    flow: "secret",
    url: undefined,
    host: undefined,
    secret: { what, hasLines },
    opened: false,
    mayUseCode: false,
  }) as const;

/** An offer `aws:NAME`, used so many milliseconds ago. */
export const offer = (name: string, usedAgoMs?: number): OfferView => ({
  target: `aws:${name}`,
  title: `Developer in 111122223333`,
  askedAt: usedAgoMs === undefined ? undefined : at - usedAgoMs,
  expiresAt: usedAgoMs === undefined ? undefined : at + hour,
  refused: undefined,
});

/** An offer `api-key:NAME`, likewise. */
export const keyOffer = (name: string, usedAgoMs?: number): OfferView => ({
  ...offer(name, usedAgoMs),
  target: `api-key:${name}`,
  title: "API key",
});

/** A signed-in source, but for what is said otherwise. */
export const source = (id: string, parts: Partial<SourceView> = {}): SourceView => ({
  id,
  kind: "aws-sso",
  title: id,
  unattended: false,
  isEntered: false,
  signInCommand: `evercred login ${id}`,
  hasDirectory: true,
  account: undefined,
  keptBy: undefined,
  endIsFixed: false,
  organisation: `${id}.awsapps.com`,
  standing: active,
  signIn: undefined,
  signInEnd: undefined,
  neededAt: { at: at + 3 * hour, exact: false },
  durable: true,
  scopes: [],
  registeredUntil: undefined,
  askAt: undefined,
  wantedAt: undefined,
  offers: [],
  ...parts,
});

/** A source that is the key NAME, which a person enters; it is there, but for what is said otherwise. */
export const keySource = (name: string, parts: Partial<SourceView> = {}): SourceView =>
  source(name, {
    kind: "static-key",
    isEntered: true,
    signInCommand: `evercred api-key set ${name}`,
    hasDirectory: false,
    organisation: "API key",
    standing: { kind: "active", expiresAt: undefined, renewAt: undefined },
    neededAt: undefined,
    offers: [keyOffer(name)],
    ...parts,
  });

/** A program that wants something and can be remembered, but for what is said otherwise. */
export const question = (id: string, parts: Partial<QuestionView> = {}): QuestionView => ({
  id,
  program: "claude",
  path: "/usr/bin/claude",
  parents: ["code", "gnome-shell"],
  target: "aws:dev",
  title: "Developer in 111122223333",
  since: at,
  mayRemember: true,
  isQuiet: false,
  ...parts,
});

export const viewWith = (...sources: readonly SourceView[]): View => ({
  version: 1,
  at,
  sources,
  problems: [],
  questions: [],
  activity: [],
});
