import { generateKeyPairSync } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  request as requestOf,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";
import type { Context, Provider as ProviderType, ResourceServer } from "oidc-provider";
import type { Site, SiteReply } from "../cloud/exchange.ts";
import { listen } from "../cloud/listening.ts";
import { clients } from "./clients.ts";
import { type IssuerLifetimes, usualLifetimes } from "./lifetimes.ts";
import { codePage, confirmPage, donePage, errorPage, people, signInPage } from "./pages.ts";
import { type Adapter, Storage } from "./storage.ts";

/** A service that tokens can be for (RFC 8707). */
export interface Resource {
  readonly scope: string;
  readonly format: "jwt" | "opaque";
}

/** How an issuer is set up. */
export interface IssuerOptions {
  /** Left out: login.example.com. */
  readonly host?: string;
  readonly lifetimes?: Partial<IssuerLifetimes>;
  /** By their addresses. Left out: two gateways. */
  readonly resources?: Readonly<Record<string, Resource>>;
  /** Left out: each renewal gives a new refresh token, and the old one is spent. */
  readonly rotates?: boolean;
  /** How clients with a secret may prove it. Left out: by a header, or in the form. */
  readonly authMethods?: readonly string[];
  /** Scopes that nobody is allowed, whoever consents. */
  readonly withheld?: readonly string[];
  /** Features of the server that this one does not have. */
  readonly without?: readonly ("deviceFlow" | "revocation" | "userinfo")[];
}

/** A company's identity provider, a certified one, to be put behind the cloud's proxy. */
export interface Issuer {
  readonly host: string;
  readonly issuer: string;
  readonly site: Site;
  /** May be changed at any time; as `resources`. */
  readonly lifetimes: IssuerLifetimes;
  readonly resources: Map<string, Resource>;
  /** Whether a token is known, good, and not used up: what an introspection would say. */
  isKnown(token: string): boolean;
  /** An administrator ends all sign-ins. */
  endSessions(): void;
  close(): Promise<void>;
}

/** The services that tokens can be for where a test says nothing. */
export const gateways = {
  "https://gateway.example.com": { scope: "chat models", format: "jwt" },
  "https://search.example.com": { scope: "search", format: "opaque" },
} as const satisfies Readonly<Record<string, Resource>>;

/** Starts an issuer. The server itself is loaded here, not before. */
export const startIssuer = async (options: IssuerOptions = {}): Promise<Issuer> => {
  const { host = "login.example.com", withheld = [] } = options;
  const issuer = `https://${host}`;
  const lifetimes = { ...usualLifetimes, ...options.lifetimes };
  const resources = new Map<string, Resource>(Object.entries(options.resources ?? gateways));
  const storage = new Storage();
  const provider = await providerOf(issuer, options, { lifetimes, resources, storage });
  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) {
      answer(request, response);
      return;
    }
    interact(provider, { resources, withheld }, request, response).catch((thrown: unknown) => {
      response.writeHead(400, { "content-type": "text/html" }).end(errorPage(String(thrown)));
    });
  });
  const port = await listen(server);
  return {
    host,
    issuer,
    lifetimes,
    resources,
    site: (request) => forward(port, request),
    isKnown: (token) => storage.isKnown(token),
    endSessions: () => {
      storage.clear("Grant", "Session", "AccessToken", "RefreshToken");
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

interface Parts {
  readonly lifetimes: IssuerLifetimes;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly storage: Storage;
}

const providerOf = async (
  issuer: string,
  { rotates = true, authMethods = usualAuthMethods, without = [] }: IssuerOptions,
  { lifetimes, resources, storage }: Parts,
): Promise<ProviderType> => {
  const { errors, Provider } = await loadServer();
  const methods = ["none", ...authMethods];
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "1" };
  const has = (feature: NonNullable<IssuerOptions["without"]>[number]): boolean =>
    !without.includes(feature);
  const provider = new Provider(issuer, {
    adapter: (kind: string): Adapter => storage.of(kind),
    clients: clients.filter((client) => methods.includes(client.token_endpoint_auth_method)),
    clientAuthMethods: methods,
    jwks: { keys: [key] },
    cookies: { keys: ["throw-away"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    scopes: ["openid", "offline_access"],
    rotateRefreshToken: rotates,
    pkce: { required: () => true },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, email: sub.replace(/^user-/, ""), email_verified: true }),
    }),
    interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    renderError: (context: Context, out: { readonly error: string }) => {
      context.type = "html";
      context.body = errorPage(out.error);
    },
    ttl: {
      AccessToken: (_: unknown, token: { readonly resourceServer?: ResourceServer }) =>
        token.resourceServer?.accessTokenTTL ?? lifetimes.accessToken,
      ClientCredentials: () => lifetimes.accessToken,
      DeviceCode: () => lifetimes.deviceCode,
      IdToken: () => lifetimes.idToken,
      RefreshToken: () => lifetimes.refreshToken,
      Grant: () => lifetimes.refreshToken,
      Interaction: () => 600,
      Session: () => 600,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: has("revocation"), allowedPolicy: isOwn },
      userinfo: { enabled: has("userinfo") },
      deviceFlow: {
        enabled: has("deviceFlow"),
        userCodeInputSource: (
          context: Context,
          form: string,
          _out: unknown,
          error?: { readonly name: string },
        ) => {
          context.body = codePage(form, error?.name);
        },
        userCodeConfirmSource: (
          context: Context,
          form: string,
          _client: unknown,
          _device: unknown,
          userCode: string,
        ) => {
          context.body = confirmPage(form, userCode);
        },
        successSource: (context: Context) => {
          context.body = donePage();
        },
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => false,
        getResourceServerInfo: (_: unknown, address: string): ResourceServer => {
          const resource = resources.get(address);
          if (resource === undefined) throw new errors.InvalidTarget();
          return {
            scope: resource.scope,
            audience: address,
            accessTokenFormat: resource.format,
            accessTokenTTL: lifetimes.accessToken,
            ...(resource.format === "jwt" && { jwt: { sign: { alg: "ES256" } } }),
          };
        },
      },
    },
  });
  // Behind the cloud's one TLS server.
  provider.proxy = true;
  return provider;
};

const usualAuthMethods = ["client_secret_basic", "client_secret_post"];

const loadServer = async (): Promise<typeof import("oidc-provider")> => {
  const { warn } = console;
  // It says of each Node but the newest that it knows nothing of it.
  console.warn = () => undefined;
  try {
    return await import("oidc-provider");
  } finally {
    console.warn = warn;
  }
};

/** Whether a client may end a token: its own ones only. */
const isOwn = (
  _: unknown,
  client: { readonly clientId: string },
  token: { readonly clientId: string },
): boolean => client.clientId === token.clientId;

interface Allowed {
  readonly resources: ReadonlyMap<string, Resource>;
  readonly withheld: readonly string[];
}

/** Shows the page of a sign-in, or takes its answer: a person is signed in and consents at once. */
const interact = async (
  provider: ProviderType,
  { resources, withheld }: Allowed,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { uid, params } = await provider.interactionDetails(request, response);
  const client = oneOf(params["client_id"]);
  const scope = oneOf(params["scope"]);
  if (request.method !== "POST") {
    const title = clients.find(({ client_id }) => client_id === client)?.client_name ?? client;
    const page = signInPage(uid, title, scope);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    return;
  }
  const form = new URLSearchParams(await text(request));
  const person = people.find((name) => name === form.get("user"));
  if (form.get("decision") !== "approve" || person === undefined) {
    const denied = { error: "access_denied", error_description: "The person has said no." };
    await provider.interactionFinished(request, response, denied);
    return;
  }
  const accountId = `user-${person}`;
  const grant = new provider.Grant({ accountId, clientId: client });
  const isWithheld = (name: string): boolean => withheld.includes(name);
  const names = scope.split(" ");
  grant.addOIDCScope(names.filter((name) => !isWithheld(name)).join(" "));
  grant.rejectOIDCScope(names.filter(isWithheld).join(" "));
  for (const address of [params["resource"] ?? []].flat()) {
    grant.addResourceScope(address, resources.get(address)?.scope ?? "");
  }
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result);
};

const oneOf = (value: string | readonly string[] | undefined): string =>
  typeof value === "string" ? value : "";

/** Hands a request on to the server, as a reverse proxy that ends TLS does. */
const forward = (
  port: number,
  { host, method, path, query, headers, body }: Parameters<Site>[0],
): Promise<SiteReply> =>
  new Promise((resolve, reject) => {
    const search = query.toString();
    const outgoing = requestOf(
      {
        ...{ host: "127.0.0.1", port, method, agent: false },
        path: search === "" ? path : `${path}?${search}`,
        headers: { ...headers, host, "x-forwarded-proto": "https", connection: "close" },
      },
      (incoming) => {
        text(incoming).then((page) => {
          resolve({ status: incoming.statusCode ?? 0, headers: passedOn(incoming), body: page });
        }, reject);
      },
    );
    outgoing.on("error", reject).end(body);
  });

/** What is between two neighbours only, or is the outer server's matter. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "date",
]);

const passedOn = ({ headers }: IncomingMessage): SiteReply["headers"] =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || hopByHop.has(name) ? [] : [[name, value]],
    ),
  );
