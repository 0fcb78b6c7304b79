import { type Browser, chromium } from "playwright-core";
import { expect } from "vitest";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { Site } from "../fakes/cloud/exchange.ts";
import { type Issuer, type IssuerOptions, startIssuer } from "../fakes/oidc/issuer.ts";
import { signInAt } from "../fakes/oidc/person.ts";
import { type House, openHouse, type Outcome, serviceOf } from "./house.ts";

/** What a company sets up. */
export interface CompanyOptions {
  readonly issuer?: IssuerOptions;
  /** Other addresses, and who answers there. */
  readonly sites?: Readonly<Record<string, Site>>;
  /** What the source `company` says besides. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Sources beside `company`. */
  readonly sources?: Readonly<Record<string, unknown>>;
  /** Keys beside those of `companyKeys`. */
  readonly keys?: Readonly<Record<string, unknown>>;
}

/** Somebody who works at a company with an identity provider of its own, and opens each page by hand. */
export interface Company {
  readonly house: House;
  readonly issuer: Issuer;
  /** A key as a program asks for it. */
  key(name: string, ...flags: readonly string[]): Promise<Outcome>;
  /** Signs in by the page that `login` prints, in a browser that is somewhere. */
  signIn(source?: string): Promise<void>;
  /** Asks the issuer as a client does that holds this refresh token. Gives the status. */
  present(refreshToken: string): Promise<number>;
  close(): Promise<void>;
}

/** A source of the company's issuer as the configuration has it. */
export const entryOf = (more: Readonly<Record<string, unknown>> = {}): object => ({
  kind: "oidc",
  issuer: "https://login.example.com",
  clientId: "evercred",
  scopes: ["openid", "email", "offline_access"],
  // Without it the issuer gives native apps nothing that can be renewed.
  authorizeParams: { prompt: "consent" },
  ...more,
});

/** The keys of a company with two gateways: one knows tokens by their look, the other has to ask the issuer. */
export const companyKeys = {
  plain: { kind: "oidc", source: "company" },
  identity: { kind: "oidc", source: "company", token: "id" },
  gateway: {
    ...{ kind: "oidc", source: "company", resource: "https://gateway.example.com" },
    scopes: ["openid", "chat"],
  },
  search: {
    ...{ kind: "oidc", source: "company", resource: "https://search.example.com" },
    scopes: ["openid", "search"],
  },
} as const;

/** Opens a house and its company. */
export const openCompany = async (options: CompanyOptions = {}): Promise<Company> => {
  const issuer = await startIssuer(options.issuer);
  const sites = { [issuer.host]: issuer.site, ...options.sites };
  const house = await openHouse({ awsConfig: "", person: "nothing", sites });
  await house.config({
    log: "debug",
    sources: { company: entryOf(options.entry), ...options.sources },
    keys: { ...companyKeys, ...options.keys },
  });
  return {
    house,
    issuer,
    key: (name, ...flags) => house.evercred("api-key", name, ...flags),
    signIn: async (source = "company") => {
      const login = house.start(house.shim, ["login", source]);
      await signInAt(house.cloud, await login.line(/^https:/));
      expect(await login.outcome).toMatchObject({ code: 0 });
    },
    present: (refreshToken) =>
      statusOf(house, issuer.host, {
        ...{ client_id: "evercred", grant_type: "refresh_token", refresh_token: refreshToken },
      }),
    close: async () => {
      await house.close();
      await issuer.close();
    },
  };
};

/** The person's Chromium, which trusts what a company's computers trust. */
export const startChromium = ({ cloud }: House): Promise<Browser> =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
      `--ignore-certificate-errors-spki-list=${cloud.leafSpkiHash}`,
    ],
    proxy: { server: cloud.proxyUrl, bypass: "127.0.0.1,localhost" },
  });

/** All refresh tokens that the issuer was shown, each as often as it was. */
export const presentedTo = ({ house, issuer }: Company): readonly string[] =>
  house.cloud.log
    .all({ host: issuer.host, grantType: "refresh_token" })
    .map(({ body }) => new URLSearchParams(body).get("refresh_token") ?? "");

const sentBy = ({ house, issuer }: Company, field: string): readonly string[] =>
  house.cloud.log
    .all({ host: issuer.host, path: "/token" })
    .flatMap(({ reply = "" }) => new RegExp(`"${field}":"([^"]+)"`).exec(reply)?.[1] ?? []);

/** All refresh tokens that the issuer has sent, in their order. */
export const givenBy = (company: Company): readonly string[] => sentBy(company, "refresh_token");

/** All access tokens that it has sent. */
export const accessGivenBy = (company: Company): readonly string[] =>
  sentBy(company, "access_token");

const reading = `
import dbus, sys
bus = dbus.SessionBus()
service = bus.get_object("org.freedesktop.secrets", "/org/freedesktop/secrets")
_, session = service.OpenSession("plain", dbus.String("", variant_level=1),
                                 dbus_interface="org.freedesktop.Secret.Service")
found, _ = service.SearchItems({"service": sys.argv[1]}, dbus_interface="org.freedesktop.Secret.Service")
secrets = service.GetSecrets(found, session, dbus_interface="org.freedesktop.Secret.Service")
for secret in secrets.values():
    print(bytes(secret[2]).decode())
`;

/** All that the keyring keeps of ours, in clear. */
export const keptIn = async (house: House): Promise<string> => {
  const { code, stdout, stderr } = await house.run("/usr/bin/python3", [
    "-c",
    reading,
    serviceOf(house),
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
};

const statusOf = (
  { cloud }: House,
  host: string,
  form: Readonly<Record<string, string>>,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...{ host: "127.0.0.1", port: cloud.sitePort, path: "/token", method: "POST" },
        ...{ servername: host, ca: cloud.ca, agent: false },
        headers: { host, "content-type": "application/x-www-form-urlencoded" },
      },
      (response) => {
        text(response).then(() => resolve(response.statusCode ?? 0), reject);
      },
    );
    outgoing.on("error", reject).end(new URLSearchParams(form).toString());
  });
