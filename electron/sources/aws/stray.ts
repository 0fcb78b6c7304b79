import { unlink } from "node:fs/promises";
import type { Secret } from "../../core/secret.ts";
import type { SourceId, StrayGrant } from "../../core/source.ts";
import { readGrant } from "./grant.ts";
import type { AwsPorts } from "./ports.ts";
import { AwsSsoSource, cacheFolderOf } from "./source.ts";
import { filesWithToken } from "./token-file.ts";

/** What the keychain has of an organisation that no file names any more; undefined where it is none of AWS's. */
export const strayAwsGrant = (
  id: SourceId,
  saved: Secret,
  ports: AwsPorts,
): StrayGrant | undefined => {
  const read = readGrant(saved);
  if (read === undefined) return undefined;
  const { startUrl, region, scopes, accessToken } = read;
  const nothing = { legacy: false, aliases: [], cacheNames: [], profiles: [], assumed: [] };
  const definition = { id, title: id, startUrl, region, scopes, flow: "code" as const, ...nothing };
  const source = new AwsSsoSource(definition, ports, []);
  const grant = source.restore(saved);
  return (
    grant && {
      organisation: source.organisation,
      revoke: (signal) => source.revoke(grant, signal),
      withdraw: async () => {
        // Under which name it is there only the configuration knew.
        const files = await filesWithToken(cacheFolderOf(ports.home), accessToken);
        for (const file of files) await unlink(file).catch(() => undefined);
      },
    }
  );
};
