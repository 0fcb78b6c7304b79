import { describe, expect, test } from "vitest";
import { activityLine, answersTo, questionsLine } from "../../electron/protocol/gate-words.ts";
import { headlineOf, sourceLine } from "../../electron/protocol/headline.ts";
import { askLabel, asksLabel } from "../../electron/protocol/labels.ts";
import type { ActivityView } from "../../electron/protocol/view.ts";
import { wordsFor } from "../../electron/protocol/words.ts";
import {
  at,
  failing,
  hour,
  keySource,
  minute,
  question,
  signedOut,
  source,
  viewWith,
} from "../shell/views.ts";

const german = wordsFor("de", "de-DE");
const japanese = wordsFor("ja", "ja-JP");
const both = [german, japanese] as const;

/** The time of day as both languages write it from ten o'clock on. */
const time = (when: number): string =>
  new Intl.DateTimeFormat("de-DE", { timeStyle: "short" }).format(when);

const later = { neededAt: { at: at + hour, exact: false } };

test.each([
  [
    viewWith(source("corp", later)),
    `Überall angemeldet · nächste Anmeldung gegen ${time(at + hour)}`,
    `すべてサインイン済み · 次のサインイン: ${time(at + hour)}ごろ`,
  ],
  [
    viewWith(source("corp", { standing: signedOut("ended") })),
    "corp: Anmeldung nötig",
    "corp: サインインが必要です",
  ],
  [
    viewWith(source("corp", { standing: failing("offline") })),
    `Offline seit ${time(at - 10 * minute)} · noch nutzbar bis ${time(at + hour)}`,
    `${time(at - 10 * minute)}からオフライン · ${time(at + hour)}まで引き続き使えます`,
  ],
  [viewWith(), "Noch nichts zum Anmelden da", "サインイン先はまだありません"],
])("the headline speaks each language", (view, ...expected) => {
  expect(both.map((words) => headlineOf(view, words))).toEqual(expected);
});

test.each([
  [
    source("corp", { standing: failing("offline") }),
    `Der Anbieter ist nicht erreichbar · nutzbar bis ${time(at + hour)}`,
    `プロバイダーに接続できません。${time(at + hour)}まで使えます`,
  ],
  [
    source("corp", {
      standing: { kind: "signed-out", reason: "reauth", lengthMs: 16 * hour },
    }),
    "Anmeldung nötig (Ihre Organisation fragt alle 16 Stunden erneut)",
    "サインインが必要です (組織が 16 時間ごとに再確認を求めています)",
  ],
  [
    keySource("litellm", { standing: signedOut("never") }),
    "noch kein Schlüssel",
    "キーはまだありません",
  ],
])("a source's line speaks each language", (subject, ...expected) => {
  expect(both.map((words) => sourceLine(subject, at, words))).toEqual(expected);
});

test("buttons speak each language", () => {
  const needy = [source("corp"), keySource("litellm")];
  expect(needy.map((each) => askLabel(each, german))).toEqual([
    "Bei corp anmelden",
    "Schlüssel von litellm eingeben…",
  ]);
  expect(asksLabel(needy, japanese)).toBe("サインイン、またはキーを入力…");
});

describe("a question", () => {
  const asked = question("1", { program: "claude", target: "aws:dev" });

  test("is put in each language, with its answers", () => {
    expect(both.map((words) => questionsLine([asked, asked], words))).toEqual([
      "claude möchte aws:dev, und 1 weitere",
      "claude が aws:dev を求めています (ほか 1 件)",
    ]);
    expect(answersTo(asked, german).slice(0, 2)).toEqual([
      ["not now", "Jetzt nicht"],
      ["once", "Einmal erlauben"],
    ]);
  });
});

test.each([
  ["served", undefined, "claude hat aws:dev erhalten"],
  [
    "refused",
    "unreachable",
    "claude hat aws:dev nicht erhalten (Der Anbieter ist nicht erreichbar)",
  ],
  ["consent", "always", "claude wollte aws:dev: Sie sagten „immer“"],
  ["consent", undefined, "claude wollte aws:dev: Sie sagten „nichts“"],
] as const)(
  "what has happened, %s, is told in the reader's language",
  (event, detail, expected) => {
    const one: ActivityView = {
      at,
      count: 1,
      program: "claude",
      subject: "aws:dev",
      event,
      detail,
    };
    expect(activityLine(one, german)).toBe(expected);
  },
);
