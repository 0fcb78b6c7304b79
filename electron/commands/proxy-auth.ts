import { keyFaultOf } from "../core/api-key.ts";
import { tokenOf } from "../core/credential.ts";
import { EvercredError } from "../core/errors.ts";
import type { ProxySettings } from "./ports.ts";
import { checkProxy, checkScheme } from "./proxy-caller.ts";
import { fetched, fetchFlags } from "./silent.ts";
import type { Parsed, Verb } from "./verb.ts";
import { wantedKey } from "./wanted-key.ts";

/** Claude Code kills `proxyAuthHelper` after 30 s: we end first, and say why. */
const limitMs = 25_000;

/** The whole of a `Proxy-Authorization` header, for `proxyAuthHelper` of Claude Code. */
export const proxyAuth: Verb = {
  name: "proxy-auth",
  summary: "what a proxy is to be told, for proxyAuthHelper",
  words: "[NAME]",
  most: 1,
  flags: {
    user: { value: "USER", summary: "the user whose password the key is" },
    ...fetchFlags,
  },
  about:
    "Prints the value of a Proxy-Authorization header: Basic, of network.proxyUser and the password in the key network.proxyPasswordKey; with NAME, Bearer of that key, or Basic where --user says whose password it is. Where a proxy is configured, no other one that asks by CLAUDE_CODE_PROXY_HOST gets it. Opens nothing, and answers within 25 seconds.",
  async run(parsed, request, reply, context) {
    const { proxy } = context.settings();
    const wish = wishOf(parsed, proxy);
    const wanted = wantedKey(wish.key, limitMs, request, context);
    if (proxy.url === undefined && wish.key === proxy.passwordKey) throw unnamed();
    checkProxy(proxy.url, request);
    checkScheme(wish.user === undefined ? "Bearer" : "Basic", request);
    const credential = await fetched("proxy-auth", wanted, parsed, request, reply, context);
    const { token } = tokenOf(credential);
    reply.printForm({ token }, ({ token: clear = "" }) => `${headerOf(wish, clear)}\n`);
    return 0;
  },
};

/** What is to be shown to the proxy: the key by itself or, with a user, as that one's password. */
interface Wish {
  readonly key: string;
  readonly user: string | undefined;
}

const wishOf = (parsed: Parsed, proxy: ProxySettings): Wish => {
  const [named] = parsed.words;
  const key = named ?? proxy.passwordKey;
  const flag = parsed.value("user");
  if (key === undefined) throw unset("Nobody has said which password the proxy wants.");
  if (flag === undefined && key !== proxy.passwordKey) return { key, user: undefined };
  const user = flag ?? proxy.user;
  if (user === undefined) throw unset(`Nobody has said whose password ${key} is.`);
  checkUser(user);
  return { key, user };
};

const unset = (sentence: string): EvercredError =>
  new EvercredError("config-invalid", sentence, {
    remedy: "Set network.proxyUser and network.proxyPasswordKey, or name a key.",
  });

/** Whoever can name a proxy in a project's settings must not get the company's password. */
const unnamed = (): EvercredError =>
  new EvercredError("config-invalid", "Nobody has said which proxy this password is for.", {
    remedy: "Set network.proxy to its address, such as http://proxy.example.com:3128.",
  });

/** What neither of the two may have in it (RFC 7617, 2). */
const control = /[\u0000-\u001f\u007f]/;

/** A user's name ends at the first colon (RFC 7617, 2). */
const checkUser = (user: string): void => {
  if (!user.includes(":") && !control.test(user)) return;
  const what = user.includes(":") ? "a colon" : "a control character";
  throw new EvercredError("usage", `The name of a proxy's user cannot have ${what} in it.`, {
    remedy: "Correct --user, or network.proxyUser in the configuration.",
  });
};

const headerOf = ({ key, user }: Wish, clear: string): string => {
  if (user === undefined) {
    const fault = keyFaultOf(clear);
    if (fault !== undefined) throw unfit(key, fault);
    return `Bearer ${clear}`;
  }
  if (control.test(clear)) throw unfit(key, "has a line break or a control character in it");
  return `Basic ${Buffer.from(`${user}:${clear}`, "utf8").toString("base64")}`;
};

const unfit = (key: string, fault: string): EvercredError =>
  new EvercredError("key-unfit", `The key ${key} ${fault}: no proxy can be shown that.`, {
    remedy: `See what it is: evercred api-key show ${key}`,
  });
