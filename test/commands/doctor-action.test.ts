import { expect, test } from "vitest";
import { actionOf, ownWords } from "../../electron/commands/doctor/action.ts";

const isSource = (id: string): boolean => ["corp", "litellm"].includes(id);

const act = (remedy: string | undefined, check = "sources") =>
  actionOf({ check, remedy }, isSource);

test("a sign-in, or a key to be entered, is one click here", () => {
  expect(act("Run: evercred login corp")).toEqual({ kind: "sign-in", source: "corp" });
  expect(act("Run: evercred api-key set litellm")).toEqual({ kind: "sign-in", source: "litellm" });
  expect(act("Run: evercred login other")).toEqual({
    kind: "copy",
    command: "evercred login other",
  });
});

test("what set-up or the configuration mends is done here, by the words of the remedy", () => {
  const command = "evercred setup claude --provider bedrock --yes --profile 'my dev'";
  expect(act(`Run: ${command}`)).toEqual({ kind: "mend", command });
  expect(ownWords(command)?.slice(-1)).toEqual(["my dev"]);
  expect(act("Run: evercred config unset network.proxy")).toMatchObject({ kind: "mend" });
  const set = "evercred config set aws.defaultProfile dev";
  expect(act(`To have Evercred work so: ${set}`)).toEqual({ kind: "mend", command: set });
  expect(act(`To have Evercred work so: ${set} && ${set}`)).toMatchObject({ kind: "copy" });
});

test("where nobody has said whose credentials they are, somebody chooses", () => {
  expect(act("Run: evercred setup claude")).toEqual({ kind: "connect" });
  expect(act("Run: evercred setup claude --provider bedrock --yes")).toEqual({ kind: "connect" });
});

test.each([
  "chmod 600 /home/ann/.aws/config",
  "evercred daemon restart",
  "evercred setup claude; rm -rf x",
  "evercred setup claude && rm -rf x",
  "evercred config set x $(rm -rf x)",
  "other setup claude --yes",
])("nothing else is run: %s is copied", (command) => {
  expect(act(`Run: ${command}`)).toEqual({ kind: "copy", command });
});

test.each([
  ["Correct line 4 of /home/ann/.config/evercred/config.json.", ".config/evercred/config.json"],
  [
    "Correct line 4 of /home/ann/my files/a.json: nothing but JSON may stand there.",
    "my files/a.json",
  ],
  ["Take AWS_PROFILE out of /home/ann/.claude/settings.json (line 3).", ".claude/settings.json"],
])("%s: the file is opened", (remedy, file) => {
  expect(act(remedy, "claude")).toEqual({ kind: "open", file: `/home/ann/${file}` });
});

test("the network and the rules are looked at in the settings; else only a person can do it", () => {
  expect(act("Check the proxy's settings.", "network")).toEqual({ kind: "page", page: "settings" });
  expect(act("Unlock it; Evercred looks again by itself.", "keychain")).toBeUndefined();
  expect(act(undefined)).toBeUndefined();
});
