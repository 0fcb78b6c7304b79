import { instantOf } from "../../../electron/core/time.ts";
import { describeSource } from "../../contracts/source.ts";
import { startWorld } from "./world.ts";

describeSource("an AWS organisation keeps the contract of a source", async () => {
  const world = await startWorld();
  const { cloud } = world;
  return {
    source: world.source(),
    flows: ["code", "device"],
    forbiddenKey: "999999999999/Nobody",
    now: () => instantOf(cloud.now()),
    approve: async (request) => {
      await world.answer(request);
    },
    refuse: async (request) => {
      await world.answer(request, { deny: true });
    },
    endSessions: async () => cloud.organisation().signOutEverywhere(),
    disconnect: async () => void cloud.faults.add({ kind: "unreachable" }),
    close: world.close,
  };
});
