import { describe, expect, test, vi } from "vitest";
import {
  isSettingName,
  type NetworkTest,
  type SettingName,
  settingTable,
  type SettingValue,
  type SettingView,
} from "../../electron/protocol/settings-view.ts";
import { wordsFor } from "../../electron/protocol/words.ts";
import { Bridges } from "../../renderer/pages/setting-bridges.tsx";
import { SettingControl } from "../../renderer/pages/setting-control.tsx";
import { linesOf } from "../../renderer/pages/setting-controls.tsx";
import { NetworkResults } from "../../renderer/pages/setting-network-test.tsx";
import { SettingRow } from "../../renderer/pages/setting-row.tsx";
import { at, hour, minute } from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

const builtIn: SettingView = {
  value: undefined,
  setBy: "built-in",
  isLocked: false,
  variables: [],
};

const done = () => Promise.resolve({ kind: "done", value: undefined } as const);

const row = (name: SettingName, setting: Partial<SettingView>, words = wordsFor("en", "en")) =>
  draw(
    <SettingRow
      name={name}
      setting={{ ...builtIn, ...setting }}
      who="Example Corp"
      onSet={done}
      onUnset={done}
    />,
    words,
  );

const all = (elements: readonly Element[]): string => elements[0]?.text ?? "";

const controls = ["input", "select", "textarea"];

const controlsOf = (elements: readonly Element[]): readonly Element[] =>
  elements.filter(({ name }) => controls.includes(name));

describe("every setting", () => {
  const names = Object.keys(settingTable).filter(isSettingName);

  test.each(names)("has a control with a name, and something about it: %s", (name) => {
    for (const language of ["en", "de", "ja"] as const) {
      const elements = row(name, {}, wordsFor(language, language));
      const [control] = controlsOf(elements);
      const labels = elements.filter(({ name: tag }) => tag === "label");
      expect(labels.some(({ text }) => text.trim() !== "")).toBe(true);
      if (settingTable[name].kind !== "certificate") {
        expect(labels[0]?.props["for"]).toBe(control?.props["id"]);
      }
      const notes = elements.find(
        ({ props }) => props["id"] === control?.props["aria-describedby"],
      );
      expect(notes).toBeDefined();
    }
  });

  test("has words for each choice", () => {
    for (const name of names) {
      const table = settingTable[name];
      if (table.kind !== "choice") continue;
      const options = row(name, { value: table.options[0] }).filter(
        ({ name: tag }) => tag === "option",
      );
      expect(options.map(({ props }) => props["value"])).toEqual(table.options);
      for (const { text, props } of options) expect(text).not.toBe(props["value"]);
    }
  });

  test("that is locked can be changed nowhere, and says who has set it", () => {
    for (const name of names) {
      const elements = row(name, { isLocked: true, setBy: "config" });
      const states = controlsOf(elements).map(({ props }) => props["disabled"]);
      expect(states.length).toBeGreaterThan(0);
      expect(new Set(states)).toEqual(new Set([true]));
      expect(all(elements)).toContain("Set by Example Corp");
      expect(buttonsOf(elements)).toEqual([]);
    }
  });
});

test("a language is called by its own name", () => {
  expect(all(row("app.language", { value: "ja" }))).toContain("As the systemEnglishDeutsch日本語");
});

test("what a person has set can be taken back; what is built in cannot", () => {
  expect(buttonsOf(row("signIn.before", { value: "5m", setBy: "config" }))).toEqual([
    "Use the default",
  ]);
  expect(buttonsOf(row("signIn.before", { value: "20m" }))).toEqual([]);
});

test("what is usual in an organisation says so, and so does what the environment adds", () => {
  expect(all(row("app.theme", { value: "dark", setBy: "policy-default" }))).toContain(
    "Usual at Example Corp",
  );
  expect(all(row("network.noProxy", { value: [], variables: ["NO_PROXY"] }))).toContain(
    "The environment counts as well: NO_PROXY.",
  );
});

describe("a control", () => {
  const set = (
    name: SettingName,
    value: SettingValue | undefined,
    tag: string,
    field: object,
  ): unknown => {
    const onSet = vi.fn();
    const elements = draw(
      <SettingControl
        id="x"
        name={name}
        value={value}
        isLocked={false}
        describedBy="y"
        onSet={onSet}
      />,
    );
    const control = elements.find((element) => element.name === tag);
    (control?.props["onChange"] as (event: unknown) => void)({ currentTarget: field });
    return onSet.mock.calls.at(0);
  };

  test("gives what was chosen, switched or typed", () => {
    expect(set("app.theme", "dark", "select", { value: "light" })).toEqual(["light"]);
    expect(set("app.notifications", true, "input", { checked: false })).toEqual([false]);
    expect(set("signIn.before", "20m", "input", { value: " 30m " })).toEqual(["30m"]);
    expect(set("network.noProxy", [], "textarea", { value: " a \n\nb\n" })).toEqual([["a", "b"]]);
    expect(set("network.proxy", { pac: "/a" }, "select", { value: "none" })).toEqual(["none"]);
  });

  test("that is empty gives nothing", () => {
    expect(set("network.proxyUser", "ann", "input", { value: "  " })).toEqual([undefined]);
    expect(set("network.noProxy", ["a"], "textarea", { value: "\n" })).toEqual([undefined]);
  });

  test("of a proxy shows the address of the one that is set", () => {
    const fields = (value: SettingValue): readonly unknown[] =>
      draw(
        <SettingControl
          id="x"
          name="network.proxy"
          value={value}
          isLocked={false}
          describedBy="y"
          onSet={() => undefined}
        />,
      ).flatMap(({ name, props }) => (controls.includes(name) ? [props["value"]] : []));
    expect(fields("system")).toEqual(["system"]);
    expect(fields("http://proxy.example.com:3128")).toEqual([
      "url",
      "http://proxy.example.com:3128",
    ]);
    expect(fields({ pac: "https://pac.example.com" })).toEqual(["pac", "https://pac.example.com"]);
    expect(
      set("network.proxy", { pac: "/a" }, "input", { value: "https://pac.example.com" }),
    ).toEqual([{ pac: "https://pac.example.com" }]);
  });

  test("of a certificate gives all of it", () => {
    const value = { certFile: "/c.pem", keyFile: "/k.pem", hosts: ["a.example.com"] };
    expect(set("network.clientCertificate", value, "input", { value: "/d.pem" })).toEqual([
      { ...value, certFile: "/d.pem" },
    ]);
    expect(set("network.clientCertificate", undefined, "input", { value: "/d.pem" })).toBe(
      undefined,
    );
  });

  test("takes lines apart", () => {
    expect(linesOf("0 9 * * 1-5\r\n\n 0 13 * * *")).toEqual(["0 9 * * 1-5", "0 13 * * *"]);
  });
});

describe("the test of the network", () => {
  const trouble = { code: "tls-failed", sentence: "No trust.", remedy: "Name its root." };
  const test_: NetworkTest = {
    problems: [],
    results: [
      {
        host: "a.example.com",
        source: "corp",
        kind: "reached",
        proxy: "proxy:3128",
        saidBy: "HTTPS_PROXY",
        issuer: "Example Root",
      },
      { host: "b.example.com", source: "google", kind: "failed", trouble },
    ],
  };

  test("says what is wrong first, with what helps, and by which way the others answer", () => {
    const [list] = draw(<NetworkResults test={test_} />);
    expect(list?.text).toMatch(
      /b\.example\.com · for googleNo trust\. Name its root\..*a\.example/,
    );
    expect(list?.text).toContain(
      "a.example.com answers · by the proxy proxy:3128 · as HTTPS_PROXY says · for corp",
    );
    expect(list?.text).toContain("certificate of Example Root");
  });

  test("of nothing says so", () => {
    expect(all(draw(<NetworkResults test={{ problems: [], results: [] }} />))).toBe(
      "No provider is in use.",
    );
  });
});

test("a bridge says what it serves and until when, and can be ended", () => {
  const ended: string[] = [];
  const elements = draw(
    <Bridges
      bridges={[
        { name: "box", allow: ["aws:dev"], endsAt: at + hour, lastUsedAt: at - 5 * minute },
        { name: "new", allow: ["gcp:adc"], endsAt: at + hour, lastUsedAt: undefined },
      ]}
      now={at}
      onEnd={(name) => {
        ended.push(name);
        return done();
      }}
    />,
  );
  expect(all(elements)).toContain("aws:dev");
  expect(all(elements)).toContain("used 5 min ago");
  expect(all(elements)).toContain("not used yet");
  press(elements, "End");
  expect(ended).toEqual(["box"]);
});
