import "./asked.ts";
import { expect, test } from "vitest";
import { AddChoice } from "../../renderer/add-choice.tsx";
import { AddGoogleSheet } from "../../renderer/add-google-sheet.tsx";
import { regionIn } from "../../renderer/add-organisation-sheet.tsx";
import { draw } from "./tree.ts";

test("each of the four can be chosen, and says what it needs", () => {
  const done: string[] = [];
  const elements = draw(
    <AddChoice onChoose={(what) => done.push(what)} onCancel={() => done.push("cancel")} />,
  );
  for (const { name, props } of elements) {
    if (name === "button") (props["onClick"] as () => void)();
  }
  expect(done).toEqual(["organisation", "google", "company", "key", "cancel"]);
  const texts = elements.map(({ text }) => text);
  expect(texts).toContain("AWS organisationThe address of its access portal");
});

test("without a client's file nothing can be added, and it says where that comes from", () => {
  const elements = (file: string) =>
    draw(
      <AddGoogleSheet
        file={file}
        busy={false}
        trouble={undefined}
        onChooseFile={() => undefined}
        onAdd={() => undefined}
        onCancel={() => undefined}
      />,
    );
  const submit = (file: string) =>
    elements(file).find(({ props }) => props["type"] === "submit")?.props["disabled"];
  expect(submit("")).toBe(true);
  expect(submit("/home/ann/client.json")).toBe(false);
  expect(elements("")[0]?.text).toContain("gcloud auth application-default login");
});

test.each([
  ["https://ssoins-0123456789abcdef.portal.eu-west-1.app.aws", "eu-west-1"],
  ["https://start.us-gov-west-1.us-gov-home.awsapps.com/directory/d-1", "us-gov-west-1"],
  ["https://start.cn-north-1.home.awsapps.cn/directory/d-1", "cn-north-1"],
  ["https://example.awsapps.com/start", undefined],
  ["https://us-east-1", undefined],
  ["http://ssoins-0.portal.eu-west-1.app.aws", undefined],
  ["", undefined],
])("the region that %s names", (address, region) => {
  expect(regionIn(address)).toBe(region);
});
