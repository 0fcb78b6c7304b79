import { instantOf } from "../../../electron/core/time.ts";
import { describeSource, type SourceBench } from "../../contracts/source.ts";
import { startWorld } from "./world.ts";

const bench = async (flows: SourceBench["flows"]): Promise<SourceBench> => {
  const world = await startWorld();
  const { cloud, house, clock } = world;
  const decide = async (request: Parameters<SourceBench["approve"]>[0], deny: boolean) => {
    await world.answer(request, { deny });
    if (request.flow !== "device") return;
    await clock.armed(5_000);
    await clock.advance(5_000);
  };
  return {
    source: world.source(),
    flows,
    forbiddenKey: "access something",
    handsOutItsOwn: true,
    now: () => instantOf(cloud.now()),
    approve: (request) => decide(request, false),
    refuse: (request) => decide(request, true),
    endSessions: async () => house.endSessions(),
    disconnect: async () => void cloud.faults.add({ kind: "unreachable" }),
    close: world.close,
  };
};

describeSource("a company's sign-in by a page keeps the contract of a source", () =>
  bench(["code", "device"]),
);

describeSource("a company's sign-in by a code keeps the contract of a source", () =>
  bench(["device"]),
);
