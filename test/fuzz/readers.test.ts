import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doubtOf } from "../../electron/core/page-doubt.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { instantOf } from "../../electron/core/time.ts";
import { isIssuerBelow, plainStartUrl } from "../../electron/core/urls.ts";
import { lineOfJson } from "../../electron/platform/audit-line.ts";
import { awsSectionsIn } from "../../electron/platform/aws-setup-sections.ts";
import { readConfigText } from "../../electron/platform/config-text.ts";
import { readEntry, switched } from "../../electron/platform/desktop-entry.ts";
import { bypassesProxy } from "../../electron/platform/no-proxy.ts";
import { noLayers } from "../../electron/platform/policy-layers.ts";
import { accessBy } from "../../electron/platform/policy-sddl.ts";
import { readPolicyText } from "../../electron/platform/policy-text.ts";
import { policyIn } from "../../electron/platform/policy-windows.ts";
import { printable } from "../../electron/platform/printable.ts";
import { hopsOf } from "../../electron/platform/proxy-answer.ts";
import { assignmentsIn } from "../../electron/platform/shell-assignment.ts";
import { checkToolText } from "../../electron/platform/tool-file.ts";
import { withToolValue } from "../../electron/platform/tool-form.ts";
import { parseConfig } from "../../electron/sources/aws/config-grammar.ts";
import { readProcessOutput } from "../../electron/sources/aws/process-output.ts";
import { settingsWithoutKeys } from "../../electron/sources/aws/settings-copy.ts";
import { isSamePlace, isStartUrl, labelOf } from "../../electron/sources/aws/start-url.ts";
import { readTokenFile } from "../../electron/sources/aws/token-file.ts";
import { windowsWordsOf } from "../../electron/sources/aws/windows-words.ts";
import { adcOf } from "../../electron/sources/google/adc-file.ts";
import { readClientFile } from "../../electron/sources/google/client-file.ts";
import { withoutCredentials } from "../../electron/sources/google/gcloud-settings.ts";
import { readWorkforceFile } from "../../electron/sources/google/workforce-file.ts";
import { claimsOf, jwtEndOf } from "../../electron/sources/jwt.ts";
import { printedKey } from "../../electron/sources/keys/printed-key.ts";
import { ProgramLines } from "../../electron/sources/program-lines.ts";
import { ProgramPage } from "../../electron/sources/program-page.ts";
import { retryAfterOf } from "../../electron/sources/retry-after.ts";
import { shown } from "../../electron/sources/shown.ts";
import { FakeClock } from "../fakes/clock.ts";
import { effort, limitMs } from "./runs.ts";

/** Stands where a secret does. */
const secret = "S3CR3T-hunter2";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "evercred-fuzz-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const file = (text: string): string => {
  const path = join(folder, "file");
  writeFileSync(path, text);
  return path;
};

const now = instantOf(Date.UTC(2027, 0, 4, 9));
const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** What reads the words of others: an example, and what it says of them to people, as far as it says anything. */
interface Reader {
  readonly example: string;
  read(text: string): unknown;
}

const place = { file: "config.json", home: "/home/ann", policy: noLayers };

const readers: Readonly<Record<string, Reader>> = {
  "AWS config": {
    example: `[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region=eu-central-1\n[profile dev]\naws_secret_access_key = ${secret}\ns3 =\n  max = 1\n`,
    read: (text) => parseConfig(text).problems,
  },
  "AWS credentials": {
    example: `[default]\naws_access_key_id = AKIA\naws_secret_access_key = ${secret}\n`,
    read: (text) => parseConfig(text, "credentials").problems,
  },
  "AWS config that is edited": {
    example: `[profile dev]\nregion = eu-central-1\n[ default ]\naws_secret_access_key = ${secret}\n`,
    read: (text) => void awsSectionsIn(text),
  },
  "AWS config without keys": {
    example: `[profile dev]\nregion = eu-central-1\naws_secret_access_key = ${secret}\n`,
    read: (text) => void settingsWithoutKeys("dev", undefined, parseConfig(text).sections, []),
  },
  "SSO cache": {
    example: json({
      startUrl: "https://corp.awsapps.com/start",
      region: "eu-central-1",
      accessToken: secret,
      expiresAt: "2027-01-04T10:00:00Z",
      refreshToken: secret,
      clientId: "id",
      clientSecret: secret,
      registrationExpiresAt: "2027-03-04T10:00:00UTC",
    }),
    read: async (text) => readTokenFile(file(text)).kind,
  },
  "Google ADC of a person": {
    example: json({
      type: "authorized_user",
      client_id: "id.apps.googleusercontent.com",
      client_secret: secret,
      refresh_token: secret,
    }),
    read: (text) => faultIn(adcOf("adc.json", text)),
  },
  "Google ADC of a service account": {
    example: json({
      type: "impersonated_service_account",
      service_account_impersonation_url:
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken",
      source_credentials: {
        type: "service_account",
        client_email: "a@b.iam.gserviceaccount.com",
        private_key: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`,
        private_key_id: "1",
        token_uri: "https://oauth2.googleapis.com/token",
      },
    }),
    read: (text) => faultIn(adcOf("adc.json", text)),
  },
  "Google ADC of elsewhere": {
    example: json({
      type: "external_account",
      audience:
        "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      credential_source: {
        file: "/token",
        format: { type: "json", subject_token_field_name: "t" },
      },
    }),
    read: (text) => faultIn(adcOf("adc.json", text)),
  },
  "OAuth client": {
    example: json({
      installed: {
        client_id: "id.apps.googleusercontent.com",
        client_secret: secret,
        auth_uri: "https://accounts.google.com/o/oauth2/auth",
        token_uri: "https://oauth2.googleapis.com/token",
      },
    }),
    read: async (text) => faultIn(await readClientFile(file(text))),
  },
  "workforce login": {
    example: json({
      type: "external_account_authorized_user_login_config",
      audience: "//iam.googleapis.com/locations/global/workforcePools/p/providers/q",
      auth_url: "https://auth.cloud.google/authorize",
      token_url: "https://sts.googleapis.com/v1/oauthtoken",
      token_info_url: "https://sts.googleapis.com/v1/introspect",
    }),
    read: async (text) => faultIn(await readWorkforceFile(file(text))),
  },
  "gcloud configuration": {
    example: `[core]\naccount = ann@example.com\n[auth]\naccess_token_file = ${secret}\n  more\n`,
    read: (text) => void withoutCredentials(text),
  },
  configuration: {
    example: `// mine\n${json({
      version: 1,
      renewal: { askBefore: "30m" },
      network: { proxy: "http://proxy.example:3128" },
      sources: { company: { kind: "oidc", issuer: "https://id.example.com", clientId: "x" } },
    })}`,
    read: (text) => readConfigText(text, place).problems,
  },
  policy: {
    example: json({
      version: 1,
      organization: "Example",
      force: { aws: { mirrorSsoCache: false } },
      default: { network: { proxy: "system" } },
      allow: { startUrls: ["https://corp.awsapps.com/start"] },
    }),
    read: (text) => readPolicyText(text, "policy.json", "/home/ann").problems,
  },
  "settings of a tool": {
    example: `{\n  // hooks\n  "env": { "A": "${secret}", },\n  "model": "x", /* y */\n  "list": [1, {"a": null}]\n}\n`,
    read: (text) => {
      checkToolText("settings.json", text, { env: "object" });
      return void withToolValue(text, ["env", "A"], undefined, { env: "object" });
    },
  },
  "registry query": {
    example: String.raw`
HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Evercred
    Policy    REG_SZ    {"version":1}
`,
    read: (text) => void policyIn(text, "registry"),
  },
  "access list": {
    example: "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;;0x1200a9;;;BU)(D;;WD;;;S-1-5-21-1)",
    read: (text) => accessBy(text, "folder"),
  },
  "PAC answer": {
    example: "PROXY proxy.example:3128; HTTPS b:443; SOCKS5 c:1080; DIRECT",
    read: (text) => void hopsOf(text),
  },
  "hosts without a proxy": {
    example: "localhost, .example.com *.corp:8080;10.0.0.0/8 [fd00::]/8 <local> https://x/",
    read: (text) => [
      bypassesProxy("www.example.com", 443, text),
      bypassesProxy("10.1.2.3", 80, text),
      bypassesProxy("::1", 80, text),
    ],
  },
  JWT: {
    example: `e30.${Buffer.from(json({ sub: "ann", exp: 1_800_000_000 })).toString("base64url")}.${secret}`,
    read: (text) => {
      claimsOf(text);
      jwtEndOf(text);
    },
  },
  "start URL": {
    example: "https://corp.awsapps.com/start/#/?tab=accounts",
    read: (text) => {
      plainStartUrl(text);
      isStartUrl(text);
      labelOf(text);
      isSamePlace(text, text);
    },
  },
  issuer: {
    example: "https://id.example.com/realms/a%252e/b",
    read: (text) => isIssuerBelow(text, "https://id.example.com/realms/"),
  },
  "sign-in page": {
    example: "https://device.sso.eu-central-1.amazonaws.com/?user_code=ABCD-EFGH",
    read: (url) => doubtOf({ pageHosts: () => ["*.amazonaws.com"] }, { url }),
  },
  "output of a credential_process": {
    example: json({
      Version: 1,
      AccessKeyId: "AKIA",
      SecretAccessKey: secret,
      SessionToken: secret,
    }),
    read: (text) => void readProcessOutput(text, "dev", now),
  },
  "printed key": {
    example: `${secret}\n`,
    read: (text) => void printedKey(text, "The program", 60_000, now),
  },
  "output of a program that signs in": {
    example: "Open (https://login.example.com/device?code=1)).\r\u001b[1mor https://localhost:1/\n",
    read: (text) => {
      const page = new ProgramPage(new FakeClock(), () => undefined);
      const lines = new ProgramLines((line) => page.read(line));
      lines.write(Buffer.from(text));
      lines.flush();
      page.close();
    },
  },
  "Windows words": {
    example: String.raw`"C:\Program Files\x.exe" --a "b \"c\"" d\\`,
    read: (text) => void windowsWordsOf(text),
  },
  "line of the record": {
    example: json({ at: "2027-01-04T09:00:00.000Z", event: "issued", source: "corp" }),
    read: (text) => void lineOfJson(text),
  },
  "desktop entry": {
    example: "[Desktop Entry]\nType=Application\nExec=evercred --background\nHidden=false\n",
    read: (text) => {
      readEntry(text);
      switched(text, true);
    },
  },
  "line of a shell profile": {
    example: `export ANTHROPIC_API_KEY="${secret}" FOO=bar\nexport A=b # x`,
    read: (text) =>
      void (["sh", "fish", "powershell", "plain", "aws"] as const).map((grammar) =>
        text.split("\n").map((line) => assignmentsIn(line, grammar)),
      ),
  },
  "Retry-After": {
    example: "120",
    read: (text) => retryAfterOf({ "retry-after": text, date: "x" }),
  },
  "text to be shown": {
    example: "a\u202eb \u001b[1m",
    read: (text) => {
      shown(text);
      printable(text);
    },
  },
};

const faultIn = (read: object): unknown => ("sentence" in read ? read : undefined);

/** What somebody does to an example, or what comes instead of it. */
const damaged = (example: string): fc.Arbitrary<string> => {
  const signs = fc.constantFrom(
    ...new Set(example),
    "\0",
    "\r",
    "\ufeff",
    "\ud800",
    "é",
    '"',
    "\\",
  );
  const place = fc.nat(example.length);
  const damage = fc.oneof(
    fc.tuple(place, fc.string({ unit: signs, maxLength: 12 })).map(
      ([at, more]) =>
        (text: string) =>
          text.slice(0, at) + more + text.slice(at),
    ),
    fc.tuple(place, fc.nat(30)).map(
      ([at, length]) =>
        (text: string) =>
          text.slice(0, at) + text.slice(at + length),
    ),
    place.map((at) => (text: string) => text.slice(0, at)),
    fc
      .tuple(place, fc.constantFrom("null", "1e999", "[]", "{}", '"\\u0000"', '"__proto__":1,'))
      .map(
        ([at, more]) =>
          (text: string) =>
            text.slice(0, at) + more + text.slice(at),
      ),
  );
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(damage, { maxLength: 5 })
        .map((all) => all.reduce((text, one) => one(text), example)),
    },
    { weight: 1, arbitrary: fc.string({ unit: signs, maxLength: 300 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
    { weight: 1, arbitrary: fc.json() },
  );
};

/** All that is said of a text: what the reader returns for people, or its error. */
const saidOf = async ({ read }: Reader, text: string): Promise<string> => {
  try {
    return JSON.stringify(await read(text)) ?? "";
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(EvercredError);
    const { code, message, remedy } = thrown as EvercredError;
    expect(code).not.toBe("internal");
    return `${message} ${remedy}`;
  }
};

const part = 0.4 / Object.keys(readers).length;

describe("whatever stands there, it is read or refused, and no secret in it is repeated", () => {
  test.each(Object.entries(readers))(
    "%s",
    async (_, reader) => {
      await fc.assert(
        fc.asyncProperty(damaged(reader.example), async (text) => {
          expect(await saidOf(reader, text)).not.toContain(secret);
        }),
        effort(100, part),
      );
    },
    limitMs(part),
  );
});

/** As often as work that grows with the square of its length is sure to be noticed. */
const length = 128 * 1024;

/** The time of ours, in milliseconds: how busy the machine is says nothing. */
const busyMs = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

describe("a long text costs no more than its length", () => {
  test.each(Object.entries(readers))(
    "%s",
    async (name, reader) => {
      const pieces = [
        " ",
        "\t",
        "\n",
        "a",
        "/",
        '"',
        "\\",
        "[",
        "{",
        "(",
        ")",
        ",",
        ";",
        "=",
        ".",
        "%25",
        "\r",
        "1",
        "a\n",
        "[a]\n",
        '"env":1,',
        "a=b ",
        "-",
        "*",
        "#",
        "//\n",
        "\u001b[",
      ];
      const middle = Math.floor(reader.example.length / 2);
      const slow: string[] = [];
      for (const piece of pieces) {
        const many = piece.repeat(Math.ceil(length / piece.length));
        const texts = [
          reader.example.slice(0, middle) + many + reader.example.slice(middle),
          `${reader.example}${many}x`,
        ];
        for (const [at, text] of texts.entries()) {
          const ms = await busyMs(() => saidOf(reader, text));
          if (ms > 4_000) {
            slow.push(`${name}: ${JSON.stringify(piece)} at ${String(at)}: ${ms.toFixed(0)} ms`);
          }
        }
      }
      expect(slow).toEqual([]);
    },
    120_000,
  );
});
