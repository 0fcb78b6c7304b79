import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  AwsSsoDefinition,
  ConfiguredSource,
} from "../../../electron/sources/aws/definition.ts";
import type { Problem } from "../../../electron/sources/problem.ts";
import { readTexts } from "./resolved.ts";

interface Read {
  readonly definitions: readonly AwsSsoDefinition[];
  readonly problems: readonly Problem[];
}

/** What a config file says of organisations. */
const read = (config: string, configured: readonly ConfiguredSource[] = []): Read => {
  const { organisations, problems } = readTexts({ config }, configured);
  return { definitions: organisations, problems };
};

const session = `
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access
`;
const dev = `
[profile dev]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1
`;
const legacy = (name: string, role: string, url = "https://old.awsapps.com/start"): string => `
[profile ${name}]
sso_start_url = ${url}
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = ${role}
`;

test("an sso-session and its profiles are one source under its name", () => {
  const { definitions, problems } = read(session + dev);
  expect(problems).toEqual([]);
  expect(definitions).toEqual([
    {
      id: "corp",
      title: "corp",
      startUrl: "https://corp.awsapps.com/start",
      region: "eu-central-1",
      scopes: ["sso:account:access"],
      legacy: false,
      cacheNames: ["corp"],
      flow: "code",
      profiles: [{ name: "dev", account: "111122223333", role: "Developer", region: "eu-west-1" }],
      assumed: [],
      aliases: [],
    },
  ]);
});

test("an sso-session without scopes asks for access to accounts", () => {
  const { definitions } = read(session.replace(/.*scopes.*\n/, ""));
  expect(definitions[0]?.scopes).toEqual(["sso:account:access"]);
});

test("several scopes are a list with commas", () => {
  const text = session.replace("sso:account:access", "sso:account:access , codewhisperer:x");
  expect(read(text).definitions[0]?.scopes).toEqual(["sso:account:access", "codewhisperer:x"]);
});

test("a profile without account and role offers nothing, and its session is there", () => {
  const { definitions, problems } = read(`${session}[profile x]\nsso_session = corp\n`);
  expect(problems).toEqual([]);
  expect(definitions).toMatchObject([{ id: "corp", profiles: [] }]);
});

test("profiles that repeat what their session says are good", () => {
  const text = `${dev}sso_region = eu-central-1\nsso_start_url = https://corp.awsapps.com/start\n${session}`;
  const { definitions, problems } = read(text);
  expect(problems).toEqual([]);
  expect(definitions[0]?.profiles).toHaveLength(1);
});

test("legacy profiles of one organisation are one source: device flow, no scopes, every spelling kept", () => {
  const text =
    legacy("a", "A") + legacy("b", "B", "https://old.awsapps.com/start/#/") + legacy("c", "C");
  const { definitions, problems } = read(text);
  expect(problems).toEqual([]);
  expect(definitions).toMatchObject([
    {
      id: "old",
      title: "old",
      legacy: true,
      flow: "device",
      scopes: [],
      cacheNames: ["https://old.awsapps.com/start", "https://old.awsapps.com/start/#/"],
      profiles: [{ name: "a" }, { name: "b" }, { name: "c" }],
    },
  ]);
});

test("legacy profiles of another region are another source, with an id of its own", () => {
  const text = legacy("a", "A") + legacy("b", "B").replace("us-east-1", "eu-west-1");
  const ids = read(text).definitions.map(({ id }) => id);
  expect(ids[0]).toBe("old");
  expect(ids[1]).toMatch(/^old-[0-9a-f]{6}$/);
  expect(read(text).definitions.map(({ id }) => id)).toEqual(ids);
});

test("profiles without anything that gives a credential are nobody's business", () => {
  const text =
    "[default]\nregion = us-east-1\n[profile x]\nlogin_session = arn:aws:iam::111122223333:user/x\n";
  expect(readTexts({ config: text })).toEqual({ organisations: [], profiles: [], problems: [] });
});

test.each([
  [
    "no start URL",
    session.replace(/sso_start_url.*\n/, ""),
    2,
    /\[sso-session corp\] has no sso_start_url/,
  ],
  ["no region", session.replace(/sso_region.*\n/, ""), 2, /has no sso_region/],
  [
    "a region that is none",
    session.replace("eu-central-1", "eu-central"),
    4,
    /"eu-central" is not the name/,
  ],
  [
    "a region with a comment behind it",
    session.replace("eu-central-1", "eu-central-1 # home"),
    4,
    /"eu-central-1 # home" is not the name/,
  ],
  [
    "a region that leads to another host",
    session.replace("eu-central-1", "x.example.com/"),
    4,
    /is not the name/,
  ],
  ["a start URL without TLS", session.replace("https:", "http:"), 3, /not an https address/],
  ["a start URL that is none", session.replace("https://", ""), 3, /not an https address/],
  [
    "a start URL with a password",
    session.replace("https://", "https://a:b@"),
    3,
    /not an https address/,
  ],
  ["scopes that are none", session.replace("sso:account:access", "a b"), 5, /not a list of scopes/],
])("a session with %s makes no source, and says so once", (_, text, line, sentence) => {
  const { definitions, problems } = read(text + dev);
  expect(definitions).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ file: "/c", line });
  expect(problems[0]?.sentence).toMatch(sentence);
  expect(problems[0]?.remedy).toMatch(/^[A-Z].*\.$/);
});

test.each([
  ["no role", dev.replace(/sso_role.*\n/, ""), 7, /has no sso_role_name/, /sso_role_name/],
  ["no account", dev.replace(/sso_account.*\n/, ""), 7, /has no sso_account_id/, /sso_account_id/],
  [
    "an account of 11 digits",
    dev.replace("111122223333", "11122223333"),
    9,
    /does not have 12 digits/,
    /zeros/,
  ],
  [
    "a role that cannot be",
    dev.replace("Developer", "De/veloper"),
    10,
    /cannot be the name of a role/,
    /access portal/,
  ],
  [
    "a session that is not there",
    dev.replace("= corp", "= crp"),
    8,
    /"crp", which is not in this file/,
    /mean corp\?/,
  ],
  [
    "a session nothing like any",
    dev.replace("= corp", "= zzzzzzzz"),
    8,
    /not in this file/,
    /\[sso-session zzzzzzzz\]/,
  ],
  [
    "another region than its session",
    `${dev}sso_region = us-east-1\n`,
    12,
    /another sso_region.*line 4/,
    /Delete sso_region on line 12/,
  ],
  [
    "another start URL than its session",
    `${dev}sso_start_url = https://x.awsapps.com/start\n`,
    12,
    /another sso_start_url/,
    /line 12/,
  ],
  [
    "a role_arn besides",
    `${dev}role_arn = arn:aws:iam::1:role/x\n`,
    12,
    /tools disagree/,
    /two profiles/,
  ],
])("a profile with %s offers nothing; its session is there", (_, text, line, sentence, remedy) => {
  const { definitions, problems } = read(session + text);
  expect(definitions).toMatchObject([{ id: "corp", profiles: [] }]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ file: "/c", line });
  expect(problems[0]?.sentence).toMatch(sentence);
  expect(problems[0]?.remedy).toMatch(remedy);
});

test("a profile's own region that is none is a problem, and the profile is offered", () => {
  const { definitions, problems } = read(session + dev.replace("eu-west-1", "europe"));
  expect(definitions[0]?.profiles).toMatchObject([{ name: "dev", region: undefined }]);
  expect(problems).toMatchObject([{ line: 11 }]);
});

test.each([
  ["sso_region", "sso_start_url = https://x.awsapps.com/start"],
  ["sso_start_url", "sso_region = us-east-1"],
])("a legacy profile without %s is a problem", (missing, rest) => {
  const { definitions, problems } = read(`[profile x]\n${rest}\n`);
  expect(definitions).toEqual([]);
  expect(problems).toMatchObject([{ line: 1, sentence: expect.stringContaining(missing) }]);
});

test("sso settings in a section that is no profile are a problem", () => {
  const { problems } = read(`${session}[dev]\nsso_session = corp\n`);
  expect(problems).toMatchObject([{ line: 6, remedy: "Write [profile dev]." }]);
});

test("one broken profile or session takes none of the others with it", () => {
  const text = `${session.replace("corp]", "bad]").replace("eu-central-1", "?")}${session}${dev}${legacy("a", "A")}[profile b]\nsso_session = none\n`;
  const { definitions, problems } = read(text);
  expect(definitions.map(({ id }) => id)).toEqual(["corp", "old"]);
  expect(problems).toHaveLength(2);
});

/** Sessions of these names, each with another organisation. */
const sessionsOf = (names: readonly string[]): string =>
  names
    .map((name, index) =>
      session
        .replace("sso-session corp", `sso-session '${name}'`)
        .replace("//corp", `//corp-${index}`),
    )
    .join("");

test("names become ids of at most 32 of a-z, 0-9 and -, the plain one for the name that fits", () => {
  const names = ["My Corp!", "my-corp", "MY.corp", "x".repeat(60), "___", "ÄÖ"];
  const { definitions } = read(sessionsOf(names));
  const ids = Object.fromEntries(definitions.map(({ title, id }) => [title, id]));
  expect(ids["my-corp"]).toBe("my-corp");
  expect(ids["My Corp!"]).toMatch(/^my-corp-[0-9a-f]{6}$/);
  expect(ids["MY.corp"]).toMatch(/^my-corp-[0-9a-f]{6}$/);
  expect(ids["x".repeat(60)]).toBe("x".repeat(32));
  expect(ids["___"]).toBe("aws");
  expect(new Set(Object.values(ids)).size).toBe(names.length);
});

test("whatever sessions are called, ids are well formed, different, and the same at each reading", () => {
  const name = fc.string({
    unit: fc.constantFrom(...Array.from("aA-_. ß1")),
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(
        name.filter((each) => each.trim() === each),
        { maxLength: 12 },
      ),
      (names) => {
        const text = sessionsOf(names);
        const ids = read(text).definitions.map(({ id }) => id);
        expect(ids).toHaveLength(names.length);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^[a-z0-9-]{1,32}$/);
        expect(read(text).definitions.map(({ id }) => id)).toEqual(ids);
      },
    ),
  );
});

const clientB: ConfiguredSource = {
  id: "client-b",
  startUrl: "https://client-b.awsapps.com/start",
  region: "eu-central-1",
  profiles: [{ name: "b", account: "111122223333", role: "Bedrock", region: "eu-central-1" }],
};

test("a configured source with a start URL and a region needs no file", () => {
  expect(read("", [clientB])).toEqual({
    definitions: [
      {
        id: "client-b",
        title: "client-b",
        startUrl: "https://client-b.awsapps.com/start",
        region: "eu-central-1",
        scopes: ["sso:account:access"],
        legacy: false,
        cacheNames: ["client-b"],
        flow: "code",
        profiles: clientB.profiles,
        assumed: [],
        aliases: [],
      },
    ],
    problems: [],
  });
});

test("a configured source of a session's name adds to it", () => {
  const own: ConfiguredSource = {
    id: "corp",
    title: "Corporation",
    flow: "device",
    profiles: [{ name: "ops", account: "444455556666", role: "Ops" }],
  };
  const { definitions, problems } = read(session + dev, [own]);
  expect(problems).toEqual([]);
  expect(definitions).toMatchObject([
    {
      id: "corp",
      title: "Corporation",
      flow: "device",
      startUrl: "https://corp.awsapps.com/start",
      cacheNames: ["corp"],
      profiles: [{ name: "ops" }, { name: "dev" }],
    },
  ]);
});

test("a configured source finds the session whose name had to be made to fit", () => {
  const text = session.replace("sso-session corp", "sso-session 'My Corp'");
  const { definitions } = read(text, [{ id: "my-corp", title: "Mine" }]);
  expect(definitions).toMatchObject([{ id: "my-corp", title: "Mine", cacheNames: ["My Corp"] }]);
});

test("a configured title does not make legacy profiles what they are not", () => {
  const { definitions } = read(legacy("a", "A"), [{ id: "old", title: "Old", flow: "code" }]);
  expect(definitions).toMatchObject([{ id: "old", title: "Old", legacy: true, flow: "device" }]);
});

test("a configured start URL makes legacy profiles renewable", () => {
  const own = { id: "old", startUrl: "https://old.awsapps.com/start/", region: "us-east-1" };
  const { definitions, problems } = read(legacy("a", "A"), [own]);
  expect(problems).toEqual([]);
  expect(definitions).toMatchObject([
    {
      id: "old",
      legacy: false,
      flow: "code",
      scopes: ["sso:account:access"],
      cacheNames: ["https://old.awsapps.com/start"],
      profiles: [{ name: "a" }],
    },
  ]);
});

test("a configured source that is found nowhere and says too little is a problem", () => {
  const { definitions, problems } = read(session, [{ id: "other" }]);
  expect(definitions).toMatchObject([{ id: "corp" }]);
  expect(problems).toMatchObject([
    { file: undefined, line: undefined, sentence: expect.stringContaining("sources.other") },
  ]);
});

test.each([
  ["start URL", { startUrl: "http://x" }],
  ["region", { region: "x.example.com/" }],
  ["scopes", { scopes: ["a b"] }],
])("a configured %s that is none is a problem of the configuration", (_, wrong) => {
  const { definitions, problems } = read("", [{ ...clientB, ...wrong }]);
  expect(definitions).toEqual([]);
  expect(problems).toMatchObject([
    { file: undefined, sentence: expect.stringContaining("sources.client-b") },
  ]);
});

test("a configured source that contradicts the file wins, and shares no token file with other tools", () => {
  const { definitions, problems } = read(session + dev, [{ ...clientB, id: "corp" }]);
  expect(definitions).toMatchObject([
    {
      id: "corp",
      startUrl: clientB.startUrl,
      cacheNames: [],
      profiles: [{ name: "b" }, { name: "dev" }],
    },
  ]);
  expect(problems).toMatchObject([
    { file: undefined, sentence: expect.stringContaining("different") },
  ]);
});

test("a configured profile wins over one of the same name in the file", () => {
  const own = { ...clientB, profiles: [{ name: "dev", account: "111122223333", role: "Other" }] };
  const { definitions, problems } = read(session + dev, [own]);
  expect(definitions).toMatchObject([
    { id: "corp", profiles: [] },
    { id: "client-b", profiles: [{ name: "dev", role: "Other" }] },
  ]);
  expect(problems).toMatchObject([{ file: "/c", line: 7 }]);
});

test("a configured profile that says what the file says is no problem", () => {
  const own = {
    id: "corp",
    profiles: [{ name: "dev", account: "111122223333", role: "Developer" }],
  };
  const { definitions, problems } = read(session + dev, [own]);
  expect(problems).toEqual([]);
  expect(definitions[0]?.profiles).toHaveLength(1);
});

test("the same role of another organisation is another role", () => {
  const own = {
    ...clientB,
    profiles: [{ name: "dev", account: "111122223333", role: "Developer" }],
  };
  const { problems } = read(session + dev, [own]);
  expect(problems).toMatchObject([{ line: 7, sentence: expect.stringContaining("another role") }]);
});

test("of two configured profiles of one name the first counts", () => {
  const { definitions, problems } = read("", [clientB, { ...clientB, id: "client-c" }]);
  expect(definitions).toMatchObject([{ profiles: [{ name: "b" }] }, { profiles: [] }]);
  expect(problems).toHaveLength(1);
});

test("a configured profile that cannot be is a problem", () => {
  const own = { ...clientB, profiles: [{ name: "b", account: "1", role: "Bedrock" }] };
  expect(read("", [own])).toMatchObject({
    definitions: [{ profiles: [] }],
    problems: [{ sentence: expect.stringContaining("12 digits") }],
  });
});

test("no message carries control characters out of a file", () => {
  const { problems } = read(session + dev.replace("= corp", "= \u001b[31mx\u202e"));

  expect(problems[0]?.sentence).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test("any sections and any configured sources are read without a throw", () => {
  const value = fc.constantFrom(
    "",
    "corp",
    "https://a.awsapps.com/start",
    "us-east-1",
    "111122223333",
    "R",
    "\n",
    "?",
  );
  const key = fc.constantFrom(
    "sso_session",
    "sso_start_url",
    "sso_region",
    "sso_account_id",
    "sso_role_name",
    "region",
    "sso_registration_scopes",
  );
  const line = fc.oneof(
    fc.tuple(key, value).map(([k, v]) => `${k} = ${v}`),
    fc.constantFrom("[profile a]", "[profile b]", "[sso-session corp]", "[sso-session c d]", "[x]"),
  );
  const own = fc.record(
    { id: fc.constantFrom("corp", "a", "c-d"), startUrl: value, region: value, title: value },
    { requiredKeys: ["id"] },
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.uniqueArray(own, { selector: ({ id }) => id, maxLength: 3 }),
      (lines, configured) => {
        const { definitions, problems } = read(lines.join("\n"), configured);
        expect(new Set(definitions.map(({ id }) => id)).size).toBe(definitions.length);
        const names = definitions.flatMap(({ profiles }) => profiles.map(({ name }) => name));
        expect(new Set(names).size).toBe(names.length);
        for (const { sentence, remedy } of problems) expect(sentence && remedy).not.toBe("");
      },
    ),
    { numRuns: 1_000 },
  );
});
