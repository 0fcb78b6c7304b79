import { errorOf } from "../core/errors.ts";
import type { NetworkResult, NetworkTest } from "../protocol/settings-view.ts";
import { shown } from "../protocol/shown.ts";
import type { Trouble } from "../protocol/view.ts";
import { troubleOf } from "../protocol/view-of.ts";

/** What asks the providers. */
export interface NetworkTestPorts {
  /** An address of each provider in use. */
  readonly providers: () => readonly Place[];
  /** Asks one, and nothing of the user's is sent. Rejects with what is in the way. */
  readonly probe: (url: URL, signal: AbortSignal) => Promise<Answer>;
  /** What is wrong with the settings of the network. */
  readonly problems: () => readonly Trouble[];
}

interface Place {
  readonly source: string;
  readonly url: URL;
}

interface Answer {
  readonly way: { readonly proxy: string | undefined; readonly saidBy: string | undefined };
  readonly issuer: string | undefined;
}

/** Asks each host once, all at the same time. Never rejects. */
export const testNetwork = async ({
  providers,
  probe,
  problems,
}: NetworkTestPorts): Promise<NetworkTest> => {
  const { signal } = new AbortController();
  const byHost = new Map(providers().map((place) => [place.url.host, place]));
  const results = await Promise.all(
    [...byHost.values()].map((place) => resultOf(place, probe, signal)),
  );
  // A proxy file is read once somebody asks: so what is wrong with it is known after that.
  return { problems: problems(), results };
};

const resultOf = async (
  { source, url }: Place,
  probe: NetworkTestPorts["probe"],
  signal: AbortSignal,
): Promise<NetworkResult> => {
  const about = { host: url.host, source };
  try {
    const { way, issuer } = await probe(url, signal);
    return {
      ...about,
      kind: "reached",
      proxy: way.proxy,
      saidBy: way.saidBy,
      // Whoever makes a certificate writes what they like into it.
      issuer: issuer === undefined ? undefined : shown(issuer),
    };
  } catch (thrown) {
    return { ...about, kind: "failed", trouble: troubleOf(errorOf(thrown)) };
  }
};
