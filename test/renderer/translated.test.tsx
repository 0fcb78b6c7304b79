import { expect, test } from "vitest";
import { errorTable } from "../../electron/core/errors.ts";
import { secretLine } from "../../electron/protocol/labels.ts";
import { wordsFor } from "../../electron/protocol/words.ts";
import { TroubleNote } from "../../renderer/trouble.tsx";
import { factsOf, offerLine, stateLine } from "../../renderer/words.ts";
import { at, failing, hour, keySource, minute, offer, source } from "../shell/views.ts";
import { draw } from "./tree.ts";

const german = wordsFor("de", "de-DE");
const japanese = wordsFor("ja", "ja-JP");

/** The time of day as German writes it. */
const time = (when: number): string =>
  new Intl.DateTimeFormat("de-DE", { timeStyle: "short" }).format(when);

test("a card speaks German", () => {
  expect(stateLine(source("corp", { standing: failing("offline") }), at, german)).toBe(
    `Noch nutzbar bis ${time(at + hour)}`,
  );
  expect(offerLine(offer("dev", 2 * minute), at, german)).toMatch(/^genutzt vor 2 Min\./);
  const facts = factsOf(keySource("litellm"), at, german);
  expect(facts).toContainEqual({ term: "Aufbewahrt", text: "im Schlüsselbund" });
});

test("what the table of errors says is shown in Japanese", () => {
  const { sentence, remedy } = errorTable["keychain-locked"];
  const [note] = draw(
    <TroubleNote code="keychain-locked" sentence={sentence} remedy={remedy} />,
    japanese,
  );
  expect(note?.text).toBe(
    "キーチェーンがロックされています。 ロックを解除してください。Evercred が自動的に再確認します。",
  );
});

test.each([
  ["the key of a", "Schlüssel von a"],
  ["the secret of a", "Geheimnis von a"],
  ["the private key of a", "Privaten Schlüssel von a"],
  [undefined, "Schlüssel von a"],
  ["the key of b", "the key of b"],
])("what is to be entered, %s, is called as people call it", (what, expected) => {
  expect(secretLine(what, "a", german.texts.signIn.secrets)).toBe(expected);
});
