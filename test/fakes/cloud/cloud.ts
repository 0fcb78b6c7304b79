import { Bedrock, createBedrockRuntimeSite, createBedrockSite } from "./bedrock.ts";
import { startBrowser } from "./browser.ts";
import type { Browser } from "./browser.ts";
import { Clock } from "./clock.ts";
import { CodeFlow } from "./code-flow.ts";
import { DeviceFlow } from "./device-flow.ts";
import { startEdge } from "./edge.ts";
import type { Edge } from "./edge.ts";
import type { Around } from "./site-server.ts";
import type { Site } from "./exchange.ts";
import { consoleHosts, createFederationSite } from "./federation.ts";
import { GoogleCloud } from "./google.ts";
import type { GoogleOptions } from "./google.ts";
import { Iam } from "./iam.ts";
import type { IamOptions } from "./iam.ts";
import { KeyRing } from "./keys.ts";
import { usualLifetimes } from "./lifetimes.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { createOidcSite } from "./oidc.ts";
import { exampleOrganisation, Organisation, plainStartUrl } from "./organisation.ts";
import type { OrganisationOptions } from "./organisation.ts";
import { partitionOf } from "./partition.ts";
import { visit } from "./person.ts";
import type { Answer, FinalPage } from "./person.ts";
import { createPortalSite } from "./portal.ts";
import { Registrations } from "./registrations.ts";
import { createDeviceSite, createStartSite } from "./sign-in-sites.ts";
import { createStsSite } from "./sts.ts";
import { Tokens } from "./tokens.ts";

/** How a cloud is set up. */
export interface CloudOptions {
  /** Left out: `exampleOrganisation`. */
  readonly organisations?: readonly OrganisationOptions[];
  /** Regions besides those of the organisations and us-east-1. */
  readonly regions?: readonly string[];
  readonly lifetimes?: Partial<Lifetimes>;
  /** Users with keys of their own, and roles besides those of the organisations. */
  readonly iam?: IamOptions;
  /** People and lifetimes at Google. */
  readonly google?: GoogleOptions;
  /** How far the provider's clock is ahead of this machine's. */
  readonly skewMs?: number;
  /** What this machine's clock shows, epoch ms; left out: the real time. */
  readonly now?: () => number;
  /** Stands around each answer: what it does not hand on has no effect, what it does not return is never sent. */
  readonly around?: Around;
  /** Other providers to put behind the same proxy and CA, by host name. */
  readonly sites?: Readonly<Record<string, Site>>;
}

/** A running cloud. */
export interface Cloud extends Edge {
  /** May be changed at any time. */
  readonly lifetimes: Lifetimes;
  readonly iam: Iam;
  /** Claude at AWS. */
  readonly bedrock: Bedrock;
  /** All keys ever issued. */
  readonly keyRing: KeyRing;
  /** Google, under its own host names. */
  readonly google: GoogleCloud;
  /** The organisation of this start URL; left out: the first. */
  organisation(startUrl?: string): Organisation;
  /** Environment variables that lead a program to this cloud, and only to it. */
  env(): Record<string, string>;
  /** The provider's time in epoch ms. */
  now(): number;
  /** Moves the provider's time. */
  advance(ms: number): void;
  /** Opens a sign-in page, approves (or denies), and gives the page at the end of the redirects. */
  approve(url: string, answer?: Answer): Promise<FinalPage>;
  /** Makes a program that approves (or denies) the page whose address is its argument; gives its absolute path. */
  browser(answer?: Answer): Promise<string>;
}

interface Parts {
  readonly clock: Clock;
  readonly lifetimes: Lifetimes;
  readonly keyRing: KeyRing;
  readonly iam: Iam;
  readonly bedrock: Bedrock;
  readonly organisations: readonly Organisation[];
}

function createSites(parts: Parts, regions: ReadonlySet<string>): Map<string, Site> {
  const { clock, lifetimes, keyRing, iam, bedrock } = parts;
  const tokens = new Tokens(clock, lifetimes);
  const sites = new Map<string, Site>([
    ["sts.amazonaws.com", createStsSite("us-east-1", keyRing, iam)],
  ]);
  for (const hosts of consoleHosts) sites.set(hosts.signIn, createFederationSite(hosts, keyRing));
  for (const region of regions) {
    const local = parts.organisations.filter((organisation) => organisation.region === region);
    const organisations = new Map(
      local.map((organisation) => [organisation.startUrl, organisation]),
    );
    const registrations = new Registrations(clock, lifetimes);
    const deviceFlow = new DeviceFlow(region, clock, lifetimes);
    const codeFlow = new CodeFlow(clock, lifetimes);
    const oidc = createOidcSite({ registrations, deviceFlow, codeFlow, tokens, organisations });
    const { suffix } = partitionOf(region);
    sites.set(`oidc.${region}.${suffix}`, oidc);
    sites.set(`device.sso.${region}.${suffix}`, createDeviceSite(deviceFlow));
    sites.set(`portal.sso.${region}.${suffix}`, createPortalSite(region, tokens));
    sites.set(`sts.${region}.${suffix}`, createStsSite(region, keyRing, iam));
    const models = { bedrock, keyRing, iam };
    sites.set(`bedrock.${region}.${suffix}`, createBedrockSite(region, models));
    sites.set(`bedrock-runtime.${region}.${suffix}`, createBedrockRuntimeSite(region, models));
    for (const organisation of local) {
      sites.set(new URL(organisation.startUrl).host, createStartSite(organisation, codeFlow));
    }
  }
  return sites;
}

function createEnvironment({ proxyUrl, caFile }: Edge): Record<string, string> {
  const noProxy = "127.0.0.1,localhost";
  return {
    // Both spellings: some programs read one, some the other, and an inherited one must not win.
    ...{ HTTPS_PROXY: proxyUrl, https_proxy: proxyUrl },
    ...{ HTTP_PROXY: proxyUrl, http_proxy: proxyUrl },
    ...{ NO_PROXY: noProxy, no_proxy: noProxy },
    ...{ NODE_EXTRA_CA_CERTS: caFile, AWS_CA_BUNDLE: caFile, REQUESTS_CA_BUNDLE: caFile },
    SSL_CERT_FILE: caFile,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Starts the identity services of AWS on this machine, under their real host names behind a proxy. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const clock = new Clock(options.skewMs ?? 0, options.now);
  const lifetimes: Lifetimes = { ...usualLifetimes, ...options.lifetimes };
  const keyRing = new KeyRing();
  const iam = new Iam(options.iam ?? {}, clock, keyRing);
  const organisations = (options.organisations ?? [exampleOrganisation]).map(
    (each) => new Organisation(each, { clock, lifetimes, keyRing }),
  );
  const regions = new Set([
    "us-east-1",
    ...organisations.map(({ region }) => region),
    ...(options.regions ?? []),
  ]);
  const bedrock = new Bedrock();
  const ownSites = createSites({ clock, lifetimes, keyRing, iam, bedrock, organisations }, regions);
  const google = new GoogleCloud(options.google ?? {}, clock);
  const edge = await startEdge(
    new Map([...ownSites, ...google.sites, ...Object.entries(options.sites ?? {})]),
    clock,
    options.around,
  );
  const browsers: Browser[] = [];
  return {
    ...edge,
    lifetimes,
    iam,
    bedrock,
    keyRing,
    google,
    organisation: (startUrl) => {
      const wanted = startUrl === undefined ? undefined : plainStartUrl(startUrl);
      const found = organisations.find((each) => (wanted ?? each.startUrl) === each.startUrl);
      if (found === undefined) throw new Error(`No organisation: ${startUrl ?? "none given"}`);
      return found;
    },
    env: () => createEnvironment(edge),
    now: () => clock.now(),
    advance: (ms) => {
      clock.advance(ms);
    },
    approve: (url, answer) => visit(edge, url, answer),
    browser: async (answer) => {
      const open = async (url: string): Promise<number> => (await visit(edge, url, answer)).status;
      const browser = await startBrowser(edge.directory, open);
      browsers.push(browser);
      return browser.command;
    },
    close: async () => {
      browsers.forEach((browser) => {
        browser.close();
      });
      await edge.close();
    },
  };
}
