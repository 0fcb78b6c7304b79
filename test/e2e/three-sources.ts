import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { installedClientFile } from "../fakes/cloud/google/files.ts";
import { type Issuer, startIssuer } from "../fakes/oidc/issuer.ts";
import { signInAt } from "../fakes/oidc/person.ts";
import { type House, openHouse, type Outcome } from "./house.ts";
import { entryOf } from "./oidc-home.ts";

/** Where the providers of the three are. */
export const providers = {
  aws: "oidc.us-east-1.amazonaws.com",
  portal: "portal.sso.us-east-1.amazonaws.com",
  google: "oauth2.googleapis.com",
  company: "login.example.com",
} as const;

/** Somebody with an organisation at AWS, a Google account, and a company's own identity provider. */
export interface ThreeSources {
  readonly house: House;
  /** Writes the configuration, the sources and what a test adds, and waits until it is in force. */
  configure(more: Readonly<Record<string, unknown>>): Promise<void>;
  /** Enters the secret of a static key. */
  enter(key: string, secret: string): Promise<void>;
  signIn(): Promise<void>;
  /** Until each of them has been renewed by itself. */
  renewed(): Promise<void>;
  /** Asks for a credential of each, and sees that it is good. */
  served(): Promise<void>;
  close(): Promise<void>;
}

/** Seconds after which what is handed out is renewed, until `renewed` has seen it. */
const shortS = 12;

export const openThree = async (): Promise<ThreeSources> => {
  const issuer: Issuer = await startIssuer({ lifetimes: { accessToken: shortS } });
  const house = await openHouse({
    person: "nothing",
    sites: { [issuer.host]: issuer.site },
    lifetimes: { accessTokenMs: shortS * 1000 },
    google: { lifetimes: { accessTokenMs: shortS * 1000 } },
  });
  const clientFile = join(house.home, "client.json");
  await writeFile(clientFile, installedClientFile(house.cloud.google.addClient()));
  const signInTo = async (
    source: string,
    open: (url: string) => Promise<unknown>,
  ): Promise<void> => {
    const login = house.start(house.shim, ["login", source]);
    await open(await login.line(/^https:/));
    expect(await login.outcome).toMatchObject({ code: 0 });
  };
  return {
    house,
    configure: async ({ keys = {}, ...more }) => {
      await house.config({
        sources: { google: { kind: "google", clientFile }, company: entryOf() },
        keys: { plain: { kind: "oidc", source: "company" }, ...(keys as object) },
        ...more,
      });
      const inForce = async (): Promise<unknown> =>
        JSON.parse((await house.evercred("config", "get", "network")).stdout);
      await expect.poll(inForce, { timeout: 20_000 }).toMatchObject(more["network"] as object);
    },
    enter: async (key, secret) => {
      const line = 'printf "%s\\n" "$SECRET" | "$0" api-key set "$1"';
      const words = ["-c", line, house.shim, key];
      const entered = (): Promise<Outcome> => house.run("/bin/sh", words, { SECRET: secret });
      // The key may have been named a moment ago.
      await expect.poll(entered, { timeout: 20_000 }).toMatchObject({ code: 0 });
    },
    signIn: async () => {
      await signInTo("corp", (url) => house.cloud.approve(url));
      await signInTo("google", (url) => house.cloud.approve(url));
      await signInTo("company", (url) => signInAt(house.cloud, url));
    },
    renewed: async () => {
      const { log, lifetimes, google } = house.cloud;
      for (const host of [providers.aws, providers.google, providers.company]) {
        await log.waitFor({ host, grantType: "refresh_token" });
      }
      lifetimes.accessTokenMs = google.lifetimes.accessTokenMs = 3_600_000;
      issuer.lifetimes.accessToken = 3_600;
    },
    served: async () => {
      const keys = await house.evercred("aws", "export", "--profile", "p");
      expect(keys).toMatchObject({ code: 0, stdout: expect.stringContaining("SessionToken") });
      const token = await house.evercred("gcp", "token");
      expect(house.cloud.google.whose(token.stdout.trim())).toBe("dev@example.com");
      const key = await house.evercred("api-key", "plain");
      expect(issuer.isKnown(key.stdout.trim())).toBe(true);
    },
    close: async () => {
      await house.close();
      await issuer.close();
    },
  };
};
