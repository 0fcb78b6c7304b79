import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import {
  judgeAccount,
  judgeBridges,
  judgeDoor,
  judgeKeyKind,
  judgeMemory,
  judgeOffer,
  judgePerson,
  judgePrograms,
  judgeSource,
  judgeStartUrl,
  mayBridge,
  mayStand,
  type Verdict,
} from "../../electron/core/judging.ts";
import { type Limits, noRule, type Rule } from "../../electron/core/limits.ts";
import type { Source } from "../../electron/core/source.ts";

const contact = "https://help.example.com";

const ruleOf = (limits: Limits): Rule => ({
  ...noRule,
  organization: "Example Corp",
  contact,
  limits,
});

const closed: Rule = {
  ...noRule,
  closed: new EvercredError("policy-refused", "The policy cannot be read."),
};

const saidOf = (verdict: Verdict): string => verdict?.message ?? "allowed";

const kinds: readonly Source["kind"][] = [
  ...(["aws-sso", "aws-profile", "google", "google-adc", "google-workforce"] as const),
  ...(["oidc", "command", "static-key", "command-key", "jwt-key"] as const),
];

describe("what nothing limits", () => {
  test.each(kinds)("is allowed: a source of kind %s", (kind) => {
    expect(
      judgeSource({ kind, reach: { issuer: "https://a.example", startUrl: "x" } }, noRule),
    ).toBe(undefined);
  });

  test("is allowed, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (word) => {
        const verdicts = [
          judgeAccount(word, noRule),
          judgeKeyKind(word, noRule),
          judgePerson(word, noRule),
          judgePrograms([word], noRule, () => undefined),
          judgeStartUrl(word, noRule),
        ];
        expect(verdicts).toEqual(verdicts.map(() => undefined));
      }),
    );
    expect(judgeAccount(undefined, noRule)).toBe(undefined);
    expect(judgePerson(undefined, noRule)).toBe(undefined);
    expect(judgeBridges(noRule)).toBe(undefined);
    expect(judgeMemory(noRule)).toBe(undefined);
  });
});

describe("what is closed", () => {
  test.each(kinds)("lets nothing through: a source of kind %s", (kind) => {
    expect(judgeSource({ kind }, closed)).toBe(closed.closed);
  });

  test("lets nothing through, but takes away no door and no bridge that is there", () => {
    expect(judgeAccount("111122223333", closed)).toBe(closed.closed);
    expect(judgeKeyKind("static", closed)).toBe(closed.closed);
    expect(judgePerson("ann@example.com", closed)).toBe(closed.closed);
    expect(judgePrograms([], closed, String)).toBe(closed.closed);
    expect(judgeDoor("gce-metadata", closed)).toBe(closed.closed);
    expect(judgeBridges(closed)).toBe(closed.closed);
    expect(mayStand("gce-metadata", closed)).toBe(true);
    expect(mayBridge(closed)).toBe(true);
  });
});

test("an empty list allows nothing, and every refusal names the organisation and its contact", () => {
  const none = ruleOf({
    sourceKinds: [],
    keyKinds: [],
    awsStartUrls: [],
    awsAccounts: [],
    issuers: [],
    googleDomains: [],
    commands: [],
    keychain: [],
    doors: [],
    bridges: false,
  });
  const verdicts = [
    judgeSource({ kind: "oidc" }, none),
    judgeStartUrl("https://example.awsapps.com/start", none),
    judgeAccount("111122223333", none),
    judgeAccount(undefined, none),
    judgeKeyKind("static", none),
    judgePerson("ann@example.com", none),
    judgePerson(undefined, none),
    judgePrograms(["/usr/bin/gcloud"], none, String),
    judgeDoor("container-credentials", none),
    judgeBridges(none),
    judgeMemory(none),
  ];
  for (const verdict of verdicts) {
    expect(verdict).toMatchObject({ code: "policy-refused", exit: 5, remedy: `Help: ${contact}` });
    expect(saidOf(verdict)).toMatch(/^Example Corp does not allow .+\.$/);
  }
});

describe("kinds", () => {
  const rule = ruleOf({ sourceKinds: ["aws-sso"], keyKinds: ["static"] });

  test.each([
    ["aws-sso", "allowed"],
    ["static-key", "allowed"],
    ["aws-profile", "Example Corp does not allow sources of kind aws-profile."],
    ["google-adc", "Example Corp does not allow sources of kind google-adc."],
    ["command-key", "Example Corp does not allow keys of kind command."],
    ["jwt-key", "Example Corp does not allow keys of kind jwt."],
  ] as const)("of a source: %s is %s", (kind, said) => {
    expect(saidOf(judgeSource({ kind }, rule))).toBe(said);
  });

  test("of an offer that is a key", () => {
    const offer = { key: "k", title: "t", keyKind: "oidc" };
    expect(saidOf(judgeOffer(offer, rule))).toBe("Example Corp does not allow keys of kind oidc.");
    expect(judgeOffer({ ...offer, keyKind: "static" }, rule)).toBe(undefined);
    expect(judgeOffer({ key: "k", title: "t" }, rule)).toBe(undefined);
  });
});

describe("start URLs", () => {
  const rule = ruleOf({ awsStartUrls: ["https://example.awsapps.com/start/#/"] });

  test.each([
    "https://example.awsapps.com/start",
    "https://example.awsapps.com/start/",
    "https://EXAMPLE.awsapps.com:443/start#/?tab=accounts",
  ])("that come to the same are allowed: %s", (startUrl) => {
    expect(judgeStartUrl(startUrl, rule)).toBe(undefined);
    expect(judgeSource({ kind: "aws-sso", reach: { startUrl } }, rule)).toBe(undefined);
  });

  test.each([
    "https://other.awsapps.com/start",
    "http://example.awsapps.com/start",
    "https://example.awsapps.com/start2",
    "https://example.awsapps.com/start/x",
    "https://example.awsapps.com/Start",
    "https://example.awsapps.com:8443/start",
    "https://example.awsapps.com.evil.example/start",
    "https://evil.example/https://example.awsapps.com/start",
    "https://example.awsapps.com@evil.example/start",
    "no address",
  ])("of others are not: %s", (startUrl) => {
    expect(judgeSource({ kind: "aws-sso", reach: { startUrl } }, rule)).toMatchObject({
      code: "policy-refused",
    });
  });
});

describe("issuers", () => {
  const judged = (issuer: string, ...issuers: readonly string[]): boolean =>
    judgeSource({ kind: "oidc", reach: { issuer } }, ruleOf({ issuers })) === undefined;

  test.each([
    ["https://login.example.com", "https://login.example.com/"],
    ["https://login.example.com/", "https://login.example.com/"],
    ["https://login.example.com/realms/dev", "https://login.example.com/"],
    ["https://LOGIN.example.com:443/realms/dev", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/dev", "https://login.example.com/realms/dev/"],
    ["https://login.example.com/a/../realms/dev", "https://login.example.com/realms/"],
  ])("below the beginning are allowed: %s below %s", (issuer, beginning) => {
    expect(judged(issuer, "https://else.example/", beginning)).toBe(true);
  });

  test.each([
    ["https://login.example.com.evil", "https://login.example.com/"],
    ["https://login.example.com.evil/realms/dev", "https://login.example.com/"],
    ["https://login.example.com@evil.example/realms/dev", "https://login.example.com/"],
    ["https://login.example.com:x@evil.example/", "https://login.example.com/"],
    ["https://ann@login.example.com/realms/dev", "https://login.example.com/"],
    ["https://login.example.com:8443/realms/dev", "https://login.example.com/"],
    ["http://login.example.com/realms/dev", "https://login.example.com/"],
    ["https://login.example.com/realms/../other", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/%2e%2e/other", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/..%2fother", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/%2E%2E%5Cother", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/%252e%252e/other", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/..%25252Fother", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/..;/other", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/..%3B/other", "https://login.example.com/realms/"],
    ["https://login.example.com/realms\\..\\other", "https://login.example.com/realms/"],
    ["https://login.example.com/realms-of-others/", "https://login.example.com/realms/"],
    ["https://login.example.com/realms/dev2", "https://login.example.com/realms/dev/"],
    ["https://login.example.com/realms/dev?x=1", "https://login.example.com/"],
    ["https://login.example.com/realms/dev#x", "https://login.example.com/"],
    ["no address", "https://login.example.com/"],
    ["https://login.example.com", "no address"],
  ])("elsewhere are not: %s below %s", (issuer, beginning) => {
    expect(judged(issuer, beginning)).toBe(false);
  });

  test("that are allowed lead to the host that is meant, whatever follows its name", () => {
    const ends = fc.constantFrom(".evil", "@evil.example", ":443", ":8443", "\\@evil", "/..", "");
    fc.assert(
      fc.property(ends, fc.string(), (end, rest) => {
        const issuer = `https://login.example.com${end}${rest}`;
        if (!judged(issuer, "https://login.example.com/")) return;
        const { origin, username, password } = new URL(issuer);
        expect([origin, username, password]).toEqual(["https://login.example.com", "", ""]);
      }),
    );
  });
});

describe("people", () => {
  const rule = ruleOf({ googleDomains: ["Example.com"] });

  test.each(["ann@example.com", "Ann@EXAMPLE.COM", "principal://pool/subject/ann@example.com"])(
    "of the domain are allowed: %s",
    (name) => {
      expect(judgePerson(name, rule)).toBe(undefined);
    },
  );

  test.each([
    "jdoe@gmail.com",
    "ann@sub.example.com",
    "ann@example.com.evil",
    "ann@example.com@evil.example",
    "example.com",
    "@example.com",
    "ann@",
    "ann@notexample.com",
  ])("of others are not: %s", (name) => {
    expect(saidOf(judgePerson(name, rule))).toBe(
      `Example Corp does not allow the Google account ${name}.`,
    );
  });
});

describe("programs", () => {
  const links = new Map([
    ["/usr/bin/gcloud", "/usr/lib/google-cloud-sdk/bin/gcloud"],
    ["/home/ann/bin/gcloud", "/home/ann/bin/gcloud"],
    ["/home/ann/bin/link", "/usr/local/bin/vault"],
    ["/usr/local/bin/vault", "/usr/local/bin/vault"],
    ["/bin/sh", "/usr/bin/dash"],
  ]);
  const realPath = (path: string): string | undefined => links.get(path);
  const judged = (programs: readonly string[], ...commands: readonly string[]): string =>
    saidOf(judgePrograms(programs, ruleOf({ commands }), realPath));

  test("are told by the file that is run in the end", () => {
    expect(judged(["/usr/bin/gcloud"], "/usr/lib/google-cloud-sdk/bin/gcloud")).toBe("allowed");
    expect(judged(["/home/ann/bin/link"], "/usr/local/bin/vault")).toBe("allowed");
    // An administrator may name the link as well.
    expect(judged(["/usr/bin/gcloud"], "/usr/bin/gcloud")).toBe("allowed");
  });

  test("of the same name elsewhere are others", () => {
    expect(judged(["/home/ann/bin/gcloud"], "/usr/bin/gcloud")).toBe(
      "Example Corp does not allow the program /home/ann/bin/gcloud.",
    );
  });

  test("that are not found, or only named, are not allowed", () => {
    expect(judged(["gcloud"], "/usr/bin/gcloud", "gcloud")).toBe(
      "Example Corp does not allow the program gcloud.",
    );
  });

  test("have all to be allowed", () => {
    expect(judged(["/usr/local/bin/vault", "/usr/bin/gcloud"], "/usr/local/bin/vault")).toBe(
      "Example Corp does not allow the program /usr/lib/google-cloud-sdk/bin/gcloud.",
    );
    expect(judged([])).toBe("allowed");
  });

  test("behind a command line need the word for that", () => {
    expect(judged(["shell"], "/bin/sh")).toBe(
      "Example Corp does not allow command lines of the shell.",
    );
    expect(judged(["shell"], "shell")).toBe("allowed");
    expect(judged(["/bin/sh"], "shell")).toBe(
      "Example Corp does not allow the program /usr/bin/dash.",
    );
  });

  test("are told on Windows without regard to case", () => {
    const rule = ruleOf({ commands: ["C:\\Tools\\vault.exe"] });
    expect(judgePrograms(["c:\\tools\\VAULT.exe"], rule, String)).toBe(undefined);
  });
});

test("doors, bridges and memory are each allowed by their own word", () => {
  const rule = ruleOf({ doors: ["gce-metadata"], bridges: false, keychain: ["os"] });
  expect(judgeDoor("gce-metadata", rule)).toBe(undefined);
  expect(mayStand("gce-metadata", rule)).toBe(true);
  expect(saidOf(judgeDoor("container-credentials", rule))).toBe(
    "Example Corp does not allow the container-credentials door.",
  );
  expect(mayStand("container-credentials", rule)).toBe(false);
  expect(saidOf(judgeBridges(rule))).toBe("Example Corp does not allow bridges.");
  expect(mayBridge(rule)).toBe(false);
  expect(saidOf(judgeMemory(rule))).toBe(
    "Example Corp does not allow sign-ins that the keychain does not keep.",
  );
  const both = ruleOf({ keychain: ["os", "memory"], bridges: true });
  expect([judgeMemory(both), judgeBridges(both)]).toEqual([undefined, undefined]);
});

test("what is closed is so whatever else a rule has", () => {
  const limits = { awsAccounts: ["1"], googleDomains: ["example.com"], commands: ["/bin/vault"] };
  const rule = { ...closed, limits };
  const verdicts = [
    judgeAccount("1", rule),
    judgePerson("ann@example.com", rule),
    judgePrograms(["/bin/vault"], rule, String),
  ];
  expect(verdicts.map(saidOf)).toEqual(verdicts.map(() => "The policy cannot be read."));
});

test("what leads nowhere that a rule is about is not its matter", () => {
  const rule = ruleOf({ awsStartUrls: [], issuers: [] });
  expect(saidOf(judgeSource({ kind: "google" }, rule))).toBe("allowed");
});

test("a refusal says what it is about", () => {
  const rule = ruleOf({ issuers: [], awsAccounts: [] });
  const issuer = "https://login.example.com";
  expect(saidOf(judgeSource({ kind: "oidc", reach: { issuer } }, rule))).toContain(issuer);
  expect(saidOf(judgeAccount(undefined, rule))).toContain("is not known");
});

test("case tells files apart where there are no drives", () => {
  const rule = ruleOf({ commands: ["/opt/c:\\vault"] });
  expect(saidOf(judgePrograms(["/opt/C:\\Vault"], rule, String))).not.toBe("allowed");
});
