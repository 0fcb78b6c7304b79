import { describe, expect, test } from "vitest";
import { accessBy } from "../../electron/platform/policy-sddl.ts";
import { policyIn } from "../../electron/platform/policy-windows.ts";

const administrators = "(A;ID;FA;;;SY)(A;ID;FA;;;BA)";

describe("a file", () => {
  test.each<[string, string]>([
    // As an administrator's editor leaves it in a folder of ProgramData.
    [`O:BAG:S-1-5-21-1-2-3-513D:AI${administrators}(A;ID;0x1200a9;;;BU)`, "fine"],
    [`O:SYG:SYD:PAI${administrators}(A;;FRFX;;;WD)S:AI(AU;SAFA;FA;;;WD)`, "fine"],
    [`O:S-1-5-32-544G:SYD:${administrators}(D;;FA;;;BU)`, "fine"],
    [`O:BAG:SYD:${administrators}(A;OICIIO;GA;;;CO)`, "fine"],
    [`O:S-1-5-21-1-2-3-1001G:SYD:${administrators}`, "planted"],
    [`O:BUG:SYD:${administrators}`, "planted"],
    [`O:BAG:SYD:${administrators}(A;;FW;;;BU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;;0x1301bf;;;AU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;;SD;;;BU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;;WD;;;BU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;;GA;;;S-1-5-21-1-2-3-1001)`, "loose"],
    [`O:BAG:SYD:${administrators}(XA;;FR;;;BU;(@User.x == 1))`, "loose"],
    [`O:BAG:SYD:${administrators}(XA;;FR;;;BU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;;QQ;;;BU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;;FRF;;;BU)`, "loose"],
    ["O:BAG:SYD:NO_ACCESS_CONTROL", "loose"],
    ["O:BAG:SYD:", "loose"],
    ["O:BAG:SY", "loose"],
    ["", "loose"],
  ])("%s is %s", (sddl, access) => {
    expect(accessBy(sddl, "file")).toBe(access);
  });
});

describe("a folder", () => {
  test.each<[string, string]>([
    // Everybody may add files in ProgramData, and replace none.
    [`O:BAG:SYD:AI${administrators}(A;CIID;0x100116;;;BU)(A;OICIIOID;GA;;;CO)`, "fine"],
    [`O:BAG:SYD:${administrators}(A;;DT;;;BU)`, "loose"],
    [`O:BAG:SYD:${administrators}(A;OICI;0x1301bf;;;BU)`, "loose"],
    [`O:S-1-5-21-1-2-3-1001G:SYD:${administrators}`, "planted"],
  ])("%s is %s", (sddl, access) => {
    expect(accessBy(sddl, "folder")).toBe(access);
  });
});

describe("the registry", () => {
  const key = String.raw`HKLM\SOFTWARE\Policies\Evercred`;
  const printed = (...values: readonly string[]): string =>
    ["", String.raw`HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Evercred`, ...values, "", ""].join("\r\n");

  test("holds the policy in one value", () => {
    const text = '{"organization": "Example Corp"}';
    const all = printed("    Other    REG_DWORD    0x1", `    Policy    REG_SZ    ${text}`);
    expect(policyIn(all, key)).toEqual({ kind: "policy", file: key, text, isWritten: false });
  });

  test("may hold none, or one that is no text", () => {
    expect(policyIn(printed(), key)).toEqual({ kind: "none" });
    expect(policyIn(printed("    Policy    REG_DWORD    0x1"), key)).toEqual({
      kind: "unusable",
      file: key,
      why: "Its value Policy is no REG_SZ.",
    });
  });
});
