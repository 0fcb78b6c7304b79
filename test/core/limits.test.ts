import { describe, expect, test } from "vitest";
import { noRule, refusedBy, type Rule, setBy } from "../../electron/core/limits.ts";

describe("a refusal", () => {
  const rule: Rule = {
    ...noRule,
    organization: "Example Corp",
    contact: "https://help.example.com/evercred",
  };

  test("names the organisation and its contact", () => {
    expect(refusedBy(rule, "signing in to https://other.awsapps.com/start")).toMatchObject({
      code: "policy-refused",
      exit: 5,
      message: "Example Corp does not allow signing in to https://other.awsapps.com/start.",
      remedy: "Help: https://help.example.com/evercred",
    });
  });

  test("of a change says that the organisation has set it", () => {
    expect(setBy(rule, "network.proxy")).toMatchObject({
      code: "policy-refused",
      message: "Example Corp has set network.proxy.",
      remedy: "Help: https://help.example.com/evercred",
    });
  });

  test("leads to somebody also where the organisation does not say who it is", () => {
    expect(refusedBy(noRule, "bridges")).toMatchObject({
      message: "Your organisation does not allow bridges.",
      remedy: "Ask your administrator.",
    });
  });
});
