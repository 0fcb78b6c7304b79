import { beforeEach, expect, test } from "vitest";
import { askingForPrograms } from "../../electron/shell/program-settings.ts";

let ran: (readonly string[])[];
let asked: string[];
let says: boolean;
let run: (args: readonly string[]) => Promise<unknown>;

beforeEach(() => {
  ran = [];
  asked = [];
  says = true;
  run = askingForPrograms(
    async (args) => void ran.push(args),
    async (command) => {
      asked.push(command);
      return says;
    },
  );
});

test.each([
  ["signIn.browser", '["firefox","{url}"]'],
  ["sources.corp.browser", '["firefox","{url}"]'],
  ["sources.corp", '{"kind":"aws-sso","browser":["firefox","{url}"]}'],
])("a program is set once a person has said yes: %s", async (name, value) => {
  await run(["config", "set", name, value]);
  expect(asked).toEqual(["firefox {url}"]);
  expect(ran).toHaveLength(1);
  says = false;
  await expect(run(["config", "set", name, value])).rejects.toMatchObject({ code: "cancelled" });
  expect(ran).toHaveLength(1);
});

test("nobody is asked for anything else", async () => {
  await run(["config", "set", "app.theme", '"dark"']);
  await run(["config", "set", "network.proxy", '{"pac":"https://pac.example.com"}']);
  await run(["config", "unset", "signIn.browser"]);
  await run(["bridge", "rm", "box"]);
  expect(asked).toEqual([]);
  expect(ran).toHaveLength(4);
});

test("what would hide a part of the command is taken out of the question", async () => {
  await run(["config", "set", "signIn.browser", '["sh","-c","\\u202eevil"]']);
  expect(asked[0]).not.toContain("\u202e");
});
