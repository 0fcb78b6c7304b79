import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountRole } from "../../electron/commands/directory.ts";
import {
  checkTemplate,
  isProfileName,
  nameOf,
  planOf,
  usualTemplate,
} from "../../electron/commands/profile-plan.ts";

const roleIn = (id: string, name: string, role: string): AccountRole => ({
  account: { id, name, email: "" },
  role,
});
const names = (roles: readonly AccountRole[], template = usualTemplate): readonly string[] =>
  planOf(roles, template, undefined).map(({ name }) => name);

describe("the name of a profile", () => {
  test.each([
    ["{account}-{role}", "Payments", "ReadOnly", "Payments-ReadOnly"],
    ["{account}-{role}", "My Prod (EU)", "ReadOnly", "My-Prod-EU-ReadOnly"],
    ["{account}/{role}", "Büro Köln", "Admin", "Buro-Koln/Admin"],
    ["{account}-{role}", "本番", "Admin", "111122223333-Admin"],
    ["{account}-{role}", "", "Admin", "111122223333-Admin"],
    ["x.{account-id}:{role}", "Payments", "Power=User,1", "x.111122223333:Power-User-1"],
    ["{account}", "a\n[profile x]\nb", "Admin", "a-profile-x-b"],
    ["{role}", "Payments", "-", "role"],
  ])("of template %s for %s, %s is %s", (template, account, role, name) => {
    checkTemplate(template);
    expect(nameOf(template, roleIn("111122223333", account, role))).toBe(name);
  });

  test.each([
    ["{acount}-{role}", "{acount}"],
    ["dev", "all the same name"],
    ["{account} {role}", "letters, digits"],
    ["[{role}]", "letters, digits"],
    ["-{role}", "letters, digits"],
    ["{role}{", "letters, digits"],
    ["{{role}}", "letters, digits"],
    ["", "all the same name"],
  ])("cannot come from the template %j", (template, why) => {
    expect(() => {
      checkTemplate(template);
    }).toThrow(why);
  });

  test.each(["a b", "", "-a", "a\nb", "a]", "a#b", "ä"])("cannot be %j", (name) => {
    expect(isProfileName(name)).toBe(false);
  });
});

describe("the names of several profiles", () => {
  test("are told apart by the account's number, of those only that need it", () => {
    expect(
      names([
        roleIn("111122223333", "dev", "Admin"),
        roleIn("222233334444", "dev", "Admin"),
        roleIn("222233334444", "dev", "ReadOnly"),
      ]),
    ).toEqual(["dev-Admin-111122223333", "dev-Admin-222233334444", "dev-ReadOnly"]);
  });

  test("are told apart by the role too, where the template does not name it", () => {
    expect(
      names(
        [
          roleIn("111122223333", "dev", "Admin"),
          roleIn("111122223333", "dev", "ReadOnly"),
          roleIn("222233334444", "lab", "Admin"),
        ],
        "{account}",
      ),
    ).toEqual(["dev-111122223333-Admin", "dev-111122223333-ReadOnly", "lab"]);
  });

  test("are refused where nothing tells them apart", () => {
    const twins = [roleIn("111122223333", "dev", "A=1"), roleIn("111122223333", "dev", "A,1")];
    expect(() => names(twins)).toThrow("Several profiles would have the name");
  });

  test("are legal and each another one, whatever accounts and roles are called", () => {
    const account = fc.record({
      id: fc.stringMatching(/^\d{12}$/),
      name: fc.oneof(fc.string(), fc.constantFrom("dev", "dev ", "Dev")),
    });
    const all = fc.uniqueArray(fc.tuple(account, fc.stringMatching(/^[\w+.@-]{1,12}$/)), {
      selector: ([{ id }, role]) => `${id}/${role.replace(/^-+|-+$/g, "") || "role"}`,
    });
    fc.assert(
      fc.property(
        all,
        fc.constantFrom("{account}-{role}", "{role}", "{account}"),
        (some, template) => {
          const plan = planOf(
            some.map(([{ id, name }, role]) => roleIn(id, name, role)),
            template,
            "us-east-1",
          );
          expect(plan.every(({ name }) => isProfileName(name))).toBe(true);
          expect(new Set(plan.map(({ name }) => name)).size).toBe(some.length);
        },
      ),
    );
  });
});
