import type { Cloud } from "../fakes/cloud/cloud.ts";

const names =
  /^(accessToken|refreshToken|clientSecret|secretAccessKey|sessionToken|code|codeVerifier)$/;

/** Every secret that has crossed the wire: what the provider gave, and what we sent back. */
export const wireSecrets = (cloud: Cloud): readonly string[] => {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, each] of Object.entries(value)) {
      if (typeof each === "string" && names.test(name)) found.add(each);
      else walk(each);
    }
  };
  for (const { body, reply } of cloud.log.all()) {
    for (const text of [body, reply]) {
      try {
        walk(JSON.parse(String(text)));
      } catch {
        // A page, or nothing.
      }
    }
  }
  return [...found];
};
