import { EvercredError } from "../../electron/core/errors.ts";
import type { Flow, SignInRequest } from "../../electron/core/source.ts";
import { FakeClock } from "../fakes/clock.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { FakeGrantFile } from "../fakes/shared-place.ts";
import { ScriptedSource } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";
import { describeSecretStore } from "./secret-store.ts";
import { describeSource, type SourceBench } from "./source.ts";

/** The hands of everybody around a scripted source. */
const scripted = (
  provider: ScriptedProvider,
  source: ScriptedSource,
  flows: readonly Flow[],
): SourceBench => {
  const visit = (shown: SignInRequest) => {
    const found = source.visits.find(({ request }) => request === shown);
    if (found === undefined) throw new EvercredError("internal");
    return found;
  };
  return {
    source,
    flows,
    forbiddenKey: "999999999999/Nobody",
    now: () => provider.now(),
    approve: async (request) => visit(request).approve(),
    refuse: async (request) => visit(request).refuse(),
    endSessions: async () => provider.endSessions(),
    disconnect: async () => {
      provider.outage = "unreachable";
    },
    close: async () => undefined,
  };
};

describeSecretStore("the store in memory", async () => {
  const store = new MemoryStore();
  return {
    store,
    lock: async () => {
      store.mood = "locked";
    },
    unlock: async () => {
      store.mood = "well";
    },
    close: async () => undefined,
  };
});

describeSource("the scripted source", async () => {
  const clock = new FakeClock();
  const provider = new ScriptedProvider(clock);
  return scripted(provider, new ScriptedSource({ clock, provider }), ["code", "device"]);
});

describeSource("the scripted source that others keep, by a program of theirs", async () => {
  const clock = new FakeClock();
  const provider = new ScriptedProvider(clock);
  const kept = { keptBy: "gcloud", byProgram: true, shared: new FakeGrantFile() };
  return scripted(provider, new ScriptedSource({ clock, provider, ...kept }), ["program"]);
});
