const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long things live. Read anew at each use, so a test may change any of them while the cloud runs. */
export interface Lifetimes {
  /** Access tokens of clients that registered scopes. */
  accessTokenMs: number;
  /** Access tokens of clients without scopes (profiles without an sso-session): fixed, not renewable. */
  legacyTokenMs: number;
  /** Role credentials, unless the role has its own length. */
  roleMs: number;
  /** The sign-in session, from the approval on: an administrator's setting. */
  sessionMs: number;
  registrationMs: number;
  deviceCodeMs: number;
  /** The shortest time between two polls; reported rounded up to whole seconds. */
  deviceIntervalMs: number;
  authorizeCodeMs: number;
  /** How long a spent refresh token is still accepted. */
  refreshReuseGraceMs: number;
}

/** The lengths that the real service is known for. */
export const usualLifetimes: Readonly<Lifetimes> = {
  accessTokenMs: hourMs,
  legacyTokenMs: 8 * hourMs,
  roleMs: hourMs,
  sessionMs: 8 * hourMs,
  registrationMs: 90 * 24 * hourMs,
  deviceCodeMs: 10 * minuteMs,
  deviceIntervalMs: 1000,
  authorizeCodeMs: 10 * minuteMs,
  refreshReuseGraceMs: 0,
};
