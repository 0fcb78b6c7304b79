import { configLine, type SettingChange } from "./environment-ways.ts";
import { plain } from "./plain.ts";
import { agrees } from "./question.ts";
import type { Setter } from "./setup-choice.ts";
import type { Context } from "./verb.ts";

/**
 * Has the daemon show a proxy this user and the password that is a key now, where the caller says so: what stands in a
 * file may be anybody's word, and sign-ins would go that way.
 */
export const keepProxyUser = async (
  { url, user }: { readonly url: string; readonly user: string },
  key: string,
  { parsed, reply, asks }: Setter,
  { config }: Context,
): Promise<void> => {
  const changes: readonly SettingChange[] = [
    { path: ["network", "proxy"], value: url.includes("://") ? url : `http://${url}` },
    { path: ["network", "proxyUser"], value: user },
    { path: ["network", "proxyPasswordKey"], value: key },
  ];
  const mayAsk = asks && !parsed.has("yes");
  if (mayAsk && (await agrees(`Have Evercred go through the proxy ${plain(url)}?`, reply))) {
    for (const { path, value } of changes) await config.set(path, value);
    return;
  }
  reply.say(`To have Evercred go through that proxy: ${changes.map(configLine).join(" && ")}`);
};
