import { describe, expect, test } from "vitest";
import { gravestOf, verdictOf } from "../../electron/commands/status-check.ts";
import { type ErrorCode, errorTable, EvercredError } from "../../electron/core/errors.ts";
import type { SourceView, StandingView } from "../../electron/protocol/view.ts";
import { hour } from "./world.ts";

const now = Date.parse("2027-01-04T09:00:00Z");

const source = (standing: StandingView, parts: Partial<SourceView> = {}): SourceView => ({
  id: "corp",
  kind: "aws-sso",
  title: "Corp",
  unattended: false,
  isEntered: false,
  signInCommand: "evercred login corp",
  hasDirectory: false,
  account: undefined,
  organisation: "corp.example",
  keptBy: undefined,
  standing,
  signIn: undefined,
  signInEnd: undefined,
  neededAt: undefined,
  askAt: undefined,
  endIsFixed: false,
  durable: true,
  scopes: [],
  registeredUntil: undefined,
  wantedAt: undefined,
  offers: [],
  ...parts,
});

const active = (hours: number | undefined): StandingView => ({
  kind: "active",
  expiresAt: hours === undefined ? undefined : now + hours * hour,
  renewAt: undefined,
});

const failing = (hours: number, icon: "offline" | "attention"): StandingView => ({
  kind: "failing",
  expiresAt: now + hours * hour,
  retryAt: now,
  since: now,
  trouble: { code: "x", sentence: "The keychain is locked.", remedy: "Unlock it." },
  icon,
});

const out = (reason: Extract<StandingView, { kind: "signed-out" }>["reason"]): StandingView => ({
  kind: "signed-out",
  reason,
});

const by = (hours: number, exact: boolean): Partial<SourceView> => ({
  neededAt: { at: now + hours * hour, exact },
});

const nobody = { unattended: true };

const entered = { isEntered: true, signInCommand: "evercred api-key set corp" };

/** What is said where there is nothing to be said but that a sign-in helps. */
const usual = errorTable["sign-in-needed"].remedy;

describe("whether a source serves from 09:00 for so many hours", () => {
  test.each<[string, StandingView, Partial<SourceView>, readonly (number | string)[]]>([
    // What the access token alone says, and what the end is, by the provider or by experience.
    ["an end that nobody knows", active(1), {}, [0, 0, 0.5, 0, 1, 0, 1.1, 1, 8, 1]],
    ["an end by experience", active(1), by(8, false), [0, 0, 1, 0, 8, 0, 8.1, 3]],
    ["an end by experience before the token's", active(1), by(0.5, false), [0, 0, 0.5, 0, 0.6, 3]],
    ["an end by the provider's word", active(1), by(1, true), [0, 0, 1, 0, 1.1, 3]],
    // An outage: what is here serves to its end.
    ["an outage", failing(1, "offline"), {}, [0, 0, 1, 0, 1.1, 1, 8, 1]],
    ["an outage, all ended", failing(-1, "offline"), {}, [0, 7, 1, 7, 8, 7]],
    ["an outage, ended just now", failing(0, "offline"), {}, [0, 7, 8, 7]],
    ["an outage, the end known", failing(1, "offline"), by(2, false), [0, 0, 1, 0, 2, 1, 3, 3]],
    ["an outage of what ends", failing(1, "offline"), by(1, true), [0, 0, 1, 0, 2, 3]],
    // What only a person can mend now.
    ["a locked keychain", failing(1, "attention"), by(8, false), [0, 3, 1, 3, 8, 3]],
    ["never signed in", out("never"), {}, [0, 3, 8, 3]],
    ["signed out by the user", out("user"), {}, [0, 3]],
    ["ended", out("ended"), {}, [0, 3, 8, 3]],
    ["a lost renewal", out("lost"), {}, [0, 3]],
    // What needs nobody.
    ["keys without an end", active(undefined), nobody, [0, 0, 8, 0, 10_000, 0]],
    ["keys that cannot be used now", failing(1, "offline"), nobody, [0, 0, 8, 1]],
    ["no keys", out("never"), nobody, [0, 3]],
    ["keys that the user has signed out of", out("user"), nobody, [0, 3]],
  ])("%s", (_name, standing, parts, hoursAndExits) => {
    const hours = hoursAndExits.filter((_, index) => index % 2 === 0);
    const exits = hours.map(
      (each) => verdictOf(source(standing, parts), now, now + Number(each) * hour)?.exit ?? 0,
    );
    expect(exits).toEqual(hoursAndExits.filter((_, index) => index % 2 === 1));
  });

  const said = (standing: StandingView, parts: Partial<SourceView>, hours = 8): string => {
    const error = verdictOf(source(standing, parts), now, now + hours * hour);
    return `${error?.message ?? ""} ${error?.remedy ?? ""}`;
  };

  test.each<[StandingView, Partial<SourceView>, string]>([
    [
      active(1),
      {},
      "Nobody knows yet when corp ends its sessions. To begin a new one now, run: evercred login corp",
    ],
    [active(1), by(2, false), "corp: a sign-in is needed about 11:00. Run: evercred login corp"],
    [active(1), by(1, true), "corp: a sign-in is needed at 10:00. Run: evercred login corp"],
    [
      failing(1, "offline"),
      {},
      "corp cannot be reached just now, and serves until 10:00. Ask again once the network is there.",
    ],
    [failing(-1, "offline"), {}, "corp cannot be reached. Check the network."],
    [failing(1, "attention"), {}, "corp: The keychain is locked. Unlock it."],
    [out("ended"), {}, "corp: a sign-in is needed. Run: evercred login corp"],
    [
      out("never"),
      nobody,
      "corp: its keys are missing or have ended. Renew them where they stand.",
    ],
    [out("user"), nobody, "corp: a sign-in is needed. Run: evercred login corp"],
    [
      active(1),
      { ...entered, ...by(1, true) },
      "corp: the key ends at 10:00. Run: evercred api-key set corp",
    ],
    [
      out("ended"),
      entered,
      "corp: its key is not there, or has ended. Run: evercred api-key set corp",
    ],
    [
      {
        kind: "signed-out",
        reason: "ended",
        trouble: { code: "x", sentence: "It is over.", remedy: usual },
      },
      entered,
      "corp: It is over. Run: evercred api-key set corp",
    ],
    [
      active(1),
      { signInCommand: "evercred sign-in" },
      "Nobody knows yet when corp ends its sessions. To begin a new one now, run: evercred sign-in",
    ],
  ])("is said in a sentence with a remedy: %#", (standing, parts, sentence) => {
    expect(said(standing, parts)).toBe(sentence);
  });
});

describe("of several verdicts", () => {
  const gravest = (...codes: readonly ErrorCode[]): string | undefined =>
    gravestOf(codes.map((code) => new EvercredError(code)))?.code;

  test.each<[readonly ErrorCode[], ErrorCode | undefined]>([
    [[], undefined],
    [["not-known", "unreachable", "sign-in-needed"], "sign-in-needed"],
    [["not-known", "unreachable"], "unreachable"],
    [["not-known"], "not-known"],
  ])("of %j counts %s", (codes, counts) => {
    expect(gravest(...codes)).toBe(counts);
  });

  test("the first of equal ones counts", () => {
    const [first, second] = [new EvercredError("not-known"), new EvercredError("not-known")];
    expect(gravestOf([first, second])).toBe(first);
  });
});
