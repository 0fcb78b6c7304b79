import { Secret } from "../core/secret.ts";
import type { SignIn } from "../core/sign-in.ts";
import type { TypedLine } from "./typed-line.ts";
import type { Reply } from "./verb.ts";

/**
 * The ssh command that brings a browser on the caller's computer to the end of this sign-in, here; undefined where
 * that is not known. `connection` is SSH_CONNECTION: the caller's address and port, and ours.
 */
export const tunnelOf = (address: string, connection: string): string | undefined => {
  const [, , host = "", sshPort = ""] = connection.split(" ");
  const port = portOf(address);
  if (port === undefined || !/^[\w.:][\w.:%-]*$/.test(host)) return undefined;
  const login = /^\d+$/.test(sshPort) && sshPort !== "22" ? `-p ${sshPort} ` : "";
  return `ssh ${login}-L ${port}:127.0.0.1:${port} ${host}`;
};

/** The port here that the page leads to at its end; undefined where it leads elsewhere. */
const portOf = (address: string): string | undefined => {
  const redirect = new URL(address).searchParams.get("redirect_uri") ?? "";
  if (!URL.canParse(redirect)) return undefined;
  const { hostname, port } = new URL(redirect);
  const isHere = hostname === "127.0.0.1" || hostname === "localhost";
  return isHere && port !== "" ? port : undefined;
};

/**
 * Takes the address of the page that did not load, from a caller who can be asked. Resolves once there is nothing more
 * to be taken: it was the right one, the sign-in has got there by another way, or the caller's input has ended, where
 * another way remains. The address holds a code that is good once, so it is not echoed.
 */
export const pasteAddress = async (
  paste: (address: Secret) => boolean,
  signIn: SignIn,
  line: TypedLine,
  reply: Reply,
): Promise<void> => {
  reply.say("Or paste the address of the page that did not load:");
  for (;;) {
    const typed = await line.before(signIn.question, true);
    const address = typed?.line?.trim();
    if (address === undefined) return;
    if (address === "") continue;
    if (paste(new Secret(address))) return;
    reply.say("That is not where this sign-in ends. Paste the whole address of that page:");
  }
};
