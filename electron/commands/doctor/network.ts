import { errorOf } from "../../core/errors.ts";
import type { ProviderPlace } from "../doctor-ports.ts";
import type { NetworkProbe } from "../network-ports.ts";
import { type Finding, ofDaemon } from "./check.ts";

/** The way to each provider in use: proxy, certificates, an answer. */
export const networkCheck = ofDaemon({
  id: "network",
  title: "Network",
  async run({ networkProbe }, { inspector, only }, signal) {
    const places = inspector
      .providers()
      .filter(({ source }) => only === undefined || source === only);
    const byHost = new Map(places.map((place) => [place.url.host, place]));
    const asked = await Promise.all(
      [...byHost.values()].map((place) => askOf(networkProbe, place, signal)),
    );
    // A proxy file is read once somebody asks, and may be why nobody answers: so it is looked at after, and said before.
    const isBad = asked.some(({ verdict }) => verdict === "failure");
    const problems = inspector.networkProblems().map(({ sentence, remedy }): Finding => {
      const verdict = isBad ? "failure" : "warning";
      return { id: "network.settings", verdict, sentence, remedy };
    });
    if (problems.length === 0 && asked.length === 0) {
      return [{ id: "network.none", verdict: "ok", sentence: "No provider is in use." }];
    }
    return [...problems, ...asked];
  },
});

const askOf = async (
  probe: NetworkProbe,
  { source, url }: ProviderPlace,
  signal: AbortSignal,
): Promise<Finding> => {
  try {
    const { way, issuer, status } = await probe.probe(url, signal);
    const by = way.saidBy === undefined ? "" : `, as ${way.saidBy} says`;
    const road = way.kind === "proxy" ? `by the proxy ${way.proxy ?? ""}` : "directly";
    return {
      id: "network.reached",
      verdict: "ok",
      sentence: `${url.host} answers, ${road}${by}.`,
      evidence: [
        `asked for ${source}, HTTP ${status}`,
        ...(issuer === undefined ? [] : [`its certificate is of ${issuer}`]),
      ],
    };
  } catch (thrown) {
    const { code, message, remedy } = errorOf(thrown);
    return {
      id: `network.${code}`,
      verdict: "failure",
      sentence: `${url.host}: ${message}`,
      evidence: [`asked for ${source}`],
      remedy,
    };
  }
};
