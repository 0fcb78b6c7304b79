import { ofDaemon } from "./check.ts";

/** Other tools' signatures are refused beyond this, in milliseconds. */
const limitMs = 5 * 60_000;

/** Replies tell the time in whole seconds, and take their time. */
const noticeMs = 30_000;

/** This computer's clock against those of the providers, by the `Date` of their replies. */
export const clockCheck = ofDaemon({
  id: "clock",
  title: "Clock",
  async run({ networkProbe }, { inspector, only }, signal) {
    const asked = await Promise.all(
      inspector
        .providers()
        .filter(({ source }) => only === undefined || source === only)
        .map(async ({ source, url }) => {
          const facts = await networkProbe.probe(url, signal).catch(() => undefined);
          return facts?.offsetMs === undefined ? [] : [{ name: source, offsetMs: facts.offsetMs }];
        }),
    );
    const offsets = asked.flat();
    const evidence = offsets.map(
      ({ name, offsetMs }) => `${name}: ${Math.round(offsetMs / 1000)} s ahead of this computer`,
    );
    if (offsets.length === 0) {
      return [
        {
          id: "clock.not-told",
          verdict: "not-checked",
          sentence: "No provider has told its time just now.",
        },
      ];
    }
    const worst = offsets.reduce(
      (most, { offsetMs }) => (Math.abs(offsetMs) > Math.abs(most) ? offsetMs : most),
      0,
    );
    if (Math.abs(worst) <= noticeMs) {
      return [
        { id: "clock.right", verdict: "ok", sentence: "It agrees with the providers.", evidence },
      ];
    }
    const length = Math.round(Math.abs(worst) / 1000);
    const way = worst > 0 ? "behind" : "ahead of";
    return [
      {
        id: "clock.wrong",
        verdict: Math.abs(worst) > limitMs ? "failure" : "warning",
        sentence: `This computer's clock is ${length} seconds ${way} the providers'.`,
        evidence,
        remedy: setClock[process.platform] ?? "Set the clock by the network.",
      },
    ];
  },
});

const setClock: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "Run: sudo timedatectl set-ntp true",
  darwin: "Run: sudo sntp -sS time.apple.com",
  win32: "Run as an administrator: w32tm /resync",
};
