import { join } from "node:path";
import { Secret } from "../../../electron/core/secret.ts";
import type { ClientDefinition } from "../../../electron/sources/google/own-client.ts";
import { OwnClientSource } from "../../../electron/sources/google/own-source.ts";
import { WorkforceSource } from "../../../electron/sources/google/workforce-source.ts";
import { type Cloud, startCloud } from "../../fakes/cloud/cloud.ts";
import { cloudPlatform } from "../../sources/google/world.ts";
import type { Ports, StartWorld, World } from "./world.ts";

/** What both kinds of source have. Other programs find the sign-in in the file of Application Default Credentials. */
const shared = (
  cloud: Cloud,
  id: string,
): Pick<World, "cloud" | "id" | "program" | "signIn" | "approve" | "isValid" | "close"> & {
  definition(ports: Ports): ClientDefinition;
} => {
  const client = cloud.google.addClient();
  return {
    cloud,
    id,
    program: ["gcp", "token", "--account", id],
    signIn: () => ({ words: ["login", id] }),
    approve: (url) => cloud.approve(url),
    isValid: (stdout) => cloud.google.whose(stdout.trimEnd()) !== undefined,
    close: () => cloud.close(),
    definition: ({ home }) => ({
      id,
      title: id,
      client: { id: client.id, secret: new Secret(client.secret) },
      scopes: [cloudPlatform],
      quotaProject: undefined,
      impersonate: [],
      adcFile: join(home, ".config", "gcloud", "application_default_credentials.json"),
      keepsAdc: true,
      hidesAdc: false,
      adcMemory: { last: undefined, stood: false },
    }),
  };
};

const googlePorts = (ports: Ports) => ({ ...ports, env: {}, productName: "Evercred" });

/** A Google account: its refresh token goes on being good. */
export const google: StartWorld = async (options) => {
  const { definition, ...world } = shared(await startCloud(options), "google");
  return {
    ...world,
    services: /^\/(?:token|tokeninfo|revoke)$/,
    steps: {
      signIn: ["request /token", "keychain write", "token file publish"],
      renewal: ["request /token", "keychain write", "token file publish"],
      signOut: ["request /revoke", "keychain removal", "token file withdraw"],
    },
    source: (ports) =>
      new OwnClientSource({ ...definition(ports), account: undefined }, googlePorts(ports), []),
  };
};

/** A workforce pool: its refresh tokens are spent at each use, and a spent one ends the sign-in. */
export const workforce: StartWorld = async (options) => {
  const cloud = await startCloud(options);
  const { audience, providerName } = cloud.google.addPool({ rotation: "always" });
  const { definition, ...world } = shared(cloud, "workforce");
  const login = {
    audience,
    provider: providerName,
    authUrl: "https://auth.cloud.google/authorize",
    tokenUrl: "https://sts.googleapis.com/v1/oauthtoken",
    tokenInfoUrl: "https://sts.googleapis.com/v1/introspect",
    universeDomain: "googleapis.com",
    client: undefined,
  };
  return {
    ...world,
    services: /^\/v1\//,
    steps: {
      signIn: ["request /v1/oauthtoken", "keychain write", "token file publish"],
      renewal: ["request /v1/oauthtoken", "keychain write", "token file publish"],
      signOut: ["request /v1/revoke", "keychain removal", "token file withdraw"],
    },
    source: (ports) => new WorkforceSource({ ...definition(ports), login }, googlePorts(ports), []),
  };
};
