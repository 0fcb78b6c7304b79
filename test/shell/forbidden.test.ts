import { expect, onTestFinished, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { limitedSource } from "../../electron/core/limited-source.ts";
import { type Limits, noRule } from "../../electron/core/limits.ts";
import { unknownPresence } from "../../electron/core/person.ts";
import { SignIns } from "../../electron/core/sign-ins.ts";
import { headlineOf, iconOf } from "../../electron/protocol/headline.ts";
import { viewOf } from "../../electron/protocol/view-of.ts";
import type { View } from "../../electron/protocol/view.ts";
import { type Actions, actionsOf } from "../../electron/shell/actions.ts";
import { type Additions, additionsOf } from "../../electron/shell/additions.ts";
import { needsOf } from "../../electron/shell/need.ts";
import { World } from "../core/world.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { english } from "../../electron/protocol/words.ts";

interface Face {
  readonly actions: Actions;
  readonly additions: Additions;
  readonly browser: FakeBrowser;
  view(): View;
}

/** What a person has in hand where an organisation says this. */
const faceUnder = async (limits: Limits): Promise<Face> => {
  const world = new World();
  const broker = new Broker(world.ports);
  onTestFinished(() => broker.close());
  const rule = { ...noRule, organization: "Example Corp", limits };
  const source = limitedSource(world.makeSource({ lists: true }), {
    rule: () => rule,
    realPath: String,
    isInMemory: false,
    programsReady: () => Promise.resolve(),
  });
  await broker.configure([source]);
  const browser = new FakeBrowser();
  const signIns = new SignIns(browser, unknownPresence, world.log);
  onTestFinished(() => signIns.close());
  const nothing = (): Promise<never> => Promise.reject(new Error("Nothing is written here."));
  const openWindow = (): void => undefined;
  return {
    actions: actionsOf({
      ...{ broker, signIns, openWindow },
      consent: { answer: () => undefined },
      copyText: nothing,
    }),
    additions: additionsOf(broker, { addOrganisation: nothing, addProfiles: nothing }),
    browser,
    view: () =>
      viewOf(broker.sessions, [], { questions: [], activity: [] }, world.clock.now(), 60_000),
  };
};

const trouble = {
  code: "policy-refused",
  sentence: "Example Corp does not allow sources of kind aws-sso.",
  remedy: "Ask your administrator.",
};

test("what is forbidden cannot be signed in to from the tray or the window, nor be looked into", async () => {
  const { actions, additions, browser } = await faceUnder({ sourceKinds: [] });
  const failed = { kind: "failed", trouble };
  expect(await actions.signIn("corp")).toEqual(failed);
  expect(await actions.useCode("corp")).toEqual(failed);
  expect(await additions.accounts("corp")).toEqual(failed);
  expect(await additions.roles("corp", "111122223333")).toEqual(failed);
  await actions.ask("corp");
  expect(browser.opened).toEqual([]);
});

test("what is forbidden is said, and asks nobody for anything", async () => {
  const { view } = await faceUnder({ sourceKinds: [] });
  expect(view().sources[0]).toMatchObject({
    standing: { kind: "signed-out", reason: "forbidden", trouble },
  });
  expect(headlineOf(view(), english)).toBe(
    "Corp: Example Corp does not allow sources of kind aws-sso",
  );
  expect(iconOf(view())).toBe("signed-in");
  expect(needsOf(view(), new Map()).needs).toEqual([]);
});

test("one role that is forbidden is shown with the reason", async () => {
  const { view } = await faceUnder({ awsAccounts: ["111122223333"] });
  const offers = view().sources[0]?.offers.map(({ target, refused }) => [
    target,
    refused?.sentence,
  ]);
  expect(offers).toEqual([
    ["aws:dev", undefined],
    ["aws:ops", "Example Corp does not allow AWS account 444455556666."],
  ]);
});
