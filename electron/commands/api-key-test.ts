import { EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import { signInCommandOf } from "../core/source.ts";
import { within } from "../core/time.ts";
import { fitting, keyOf } from "./api-key.ts";
import { anyWords, keyNameOf, keyRouteOf } from "./api-key-name.ts";
import { durationOf } from "./arguments.ts";
import { gatewayAddressOf } from "./gateway-address.ts";
import { patiently } from "./patience.ts";
import { plain } from "./plain.ts";
import type { Gateways } from "./ports.ts";
import { untilGone } from "./sign-in.ts";
import { fetchFlags } from "./silent.ts";
import type { Parsed, Request, Context, Verb } from "./verb.ts";

/** A gateway that has not answered by then is not worth the wait, in milliseconds. */
const gatewayMs = 30_000;

/** Asks a gateway whether it takes a key, and says what its answer means. */
export const apiKeyTest: Verb = {
  name: "api-key test",
  summary: "ask a gateway whether it takes a key",
  words: "NAME",
  most: anyWords,
  flags: {
    url: { value: "URL", summary: "the gateway; without a path its /v1/models is asked for" },
    ...fetchFlags,
    json: { summary: "as JSON" },
  },
  about:
    "Sends the key to the gateway as Claude Code does, by the configured way (proxy, certificates), and says in one sentence what the answer means. Exits 0 where the key is taken, 5 where it is not, 1 where the answer does not tell, 7 where the gateway cannot be asked.",
  async run(parsed, request, reply, context) {
    const name = keyNameOf(parsed, context);
    const url = gatewayAddressOf(parsed.value("url"));
    const route = keyRouteOf(name, request, context);
    const key = await keyOf("api-key test", route, parsed, request, reply, context);
    reply.printForm({ key }, ({ key: clear = "" }) => {
      fitting(clear, route, context);
      return "";
    });
    const ask = (signal: AbortSignal): Promise<Answer> => context.gateways.ask(url, key, signal);
    const work = answerOf(url, ask, { parsed, request, context });
    const answer = await patiently(url.host, work, request, reply, context.clock);
    const refusal = refusalOf(name, url, answer, route.session);
    if (refusal !== undefined) throw refusal;
    if (parsed.has("json")) {
      reply.printJson({ version: 1, name, url: url.href, status: answer.status, taken: true });
    } else reply.print(`${url.host} takes the key ${name}.`);
    return 0;
  },
};

type Answer = Awaited<ReturnType<Gateways["ask"]>>;

/** What the gateway answers in time. The question ends with its caller. */
const answerOf = async (
  url: URL,
  ask: (signal: AbortSignal) => Promise<Answer>,
  { parsed, request, context }: { parsed: Parsed; request: Request; context: Context },
): Promise<Answer> => {
  const limit = parsed.value("timeout");
  const limitMs = limit === undefined ? gatewayMs : durationOf(limit);
  const end = new AbortController();
  const timedOut = new EvercredError("timed-out", `${url.host} has not answered in time.`);
  try {
    const asked = untilGone(ask(end.signal), request.signal);
    const answer = await within(context.clock, limitMs, asked, undefined);
    if (answer === undefined) throw timedOut;
    return answer;
  } finally {
    end.abort(timedOut);
  }
};

/** Why an answer does not mean that the key is taken; undefined where it does. */
const refusalOf = (
  name: string,
  url: URL,
  { status, says }: Answer,
  { source }: Session,
): EvercredError | undefined => {
  const { host, pathname } = url;
  const words = plain(says);
  const said = words === "" ? "" : ` It says: "${words}".`;
  if (status >= 200 && status < 300) return undefined;
  switch (status) {
    case 401:
      return new EvercredError("access-denied", `${host} does not accept the key ${name}.${said}`, {
        remedy:
          source.enteredBy === undefined
            ? `Check what keys.${name} in the configuration is good for.`
            : `Enter another one: ${signInCommandOf(source)}`,
      });
    case 403:
      return new EvercredError(
        "access-denied",
        `${host} knows the key ${name}, and does not let it in there.${said}`,
        { remedy: "Ask whoever runs the gateway what it may do." },
      );
    case 404:
    case 405:
      return unclear(`${host} answers, and has no page ${pathname}.`);
    case 407:
      return new EvercredError("proxy-refused");
  }
  if (status >= 300 && status < 400) {
    return unclear(`${host} leads elsewhere${words === "" ? "" : `: "${words}"`}.`);
  }
  if (status >= 500) {
    return new EvercredError("provider-unavailable", `${host} has a fault of its own.${said}`);
  }
  return unclear(`${host} answers with ${String(status)}.${said}`);
};

/** An answer that does not tell whether the key is taken. */
const unclear = (sentence: string): EvercredError =>
  new EvercredError("not-known", `${sentence} Whether it takes the key is not known.`, {
    remedy: "Name a page that it has: --url https://HOST/PATH",
  });
