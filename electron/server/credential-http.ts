import type { Server } from "node:http";
import type { Socket } from "node:net";
import { type Answer, refusal } from "./credential-answer.ts";
import { type LoopbackHttp, loopbackServer } from "./loopback-http.ts";

/** How a door for the container provider of the SDKs differs from others. */
export interface CredentialHttp extends Pick<
  LoopbackHttp,
  "hosts" | "serves" | "knows" | "connections" | "log"
> {
  /** Answers a GET of a path that is known, with some authorization. */
  answer(path: string, authorization: string, peer: Socket): Promise<Answer>;
}

/** A server for the container provider of the SDKs, which is not listening yet. */
export const credentialServer = (door: CredentialHttp): Server =>
  loopbackServer({
    ...door,
    refusal,
    answer: async ({ path, headers: { authorization } }, peer) =>
      authorization === undefined
        ? refusal(401, "MissingToken", "The token is missing in Authorization.")
        : door.answer(path, authorization, peer),
  });
