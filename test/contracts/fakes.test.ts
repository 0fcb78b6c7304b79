import { EvercredError } from "../../electron/core/errors.ts";
import type { SignInRequest } from "../../electron/core/source.ts";
import { FakeClock } from "../fakes/clock.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { ScriptedSource } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";
import { describeSecretStore } from "./secret-store.ts";
import { describeSource } from "./source.ts";

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
  const source = new ScriptedSource({ clock, provider });
  const visit = (shown: SignInRequest) => {
    const found = source.visits.find(({ request }) => request === shown);
    if (found === undefined) throw new EvercredError("internal");
    return found;
  };
  return {
    source,
    flows: ["code", "device"],
    now: () => provider.now(),
    approve: async (request) => visit(request).approve(),
    refuse: async (request) => visit(request).refuse(),
    endSessions: async () => provider.endSessions(),
    disconnect: async () => {
      provider.outage = "unreachable";
    },
    close: async () => undefined,
  };
});
