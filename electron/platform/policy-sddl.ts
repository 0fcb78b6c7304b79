/** What the owner and the list of access of a file or a folder of Windows mean for a policy in it. */
export type Access =
  /** Only administrators can change it. */
  | "fine"
  /** Its owner is no administrator. */
  | "planted"
  /** Others can change it as well. */
  | "loose";

/** Administrators, the system, the installer of Windows: by the names of SDDL, and as [MS-DTYP] 2.4.2.4 has them. */
const administrators: ReadonlySet<string> = new Set([
  "BA",
  "S-1-5-32-544",
  "SY",
  "S-1-5-18",
  "LA",
  "DA",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
]);

/** The rights of files and folders by their two letters ([MS-DTYP] 2.5.1.1), as bits. */
const rights: ReadonlyMap<string, number> = new Map([
  ["CC", 0x1],
  ["DC", 0x2],
  ["LC", 0x4],
  ["SW", 0x8],
  ["RP", 0x10],
  ["WP", 0x20],
  ["DT", 0x40],
  ["LO", 0x80],
  ["CR", 0x100],
  ["SD", 0x1_0000],
  ["RC", 0x2_0000],
  ["WD", 0x4_0000],
  ["WO", 0x8_0000],
  ["FA", 0x1f_01ff],
  ["FR", 0x12_0089],
  ["FW", 0x12_0116],
  ["FX", 0x12_00a0],
  ["GA", 0x1000_0000],
  ["GX", 0x2000_0000],
  ["GW", 0x4000_0000],
  ["GR", 0x8000_0000],
]);

/** To delete it, or to change its owner or its list of access; all rights. */
const taking = 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000;

/** Whoever may add a file to a folder still cannot replace one there: that takes the right to delete in it. */
const changing = { file: taking | 0x2 | 0x4 | 0x4000_0000, folder: taking | 0x40 };

/** Reads a security descriptor in its text form (SDDL, [MS-DTYP] 2.5.1). What is not understood is loose. */
export const accessBy = (sddl: string, what: keyof typeof changing): Access => {
  const parts = /^O:(\S+?)G:\S+?D:([A-Z]*)((?:\([^()]*\))*)(?:S:\S*)?$/u.exec(sddl.trim());
  const [, owner = "", flags = "", entries = ""] = parts ?? [];
  if (parts !== null && !administrators.has(owner)) return "planted";
  if (parts === null || !/^(?:P|AR|AI)*$/u.test(flags) || entries === "") return "loose";
  const all = Array.from(entries.matchAll(/\(([^()]*)\)/gu), ([, entry = ""]) => entry.split(";"));
  return all.some((entry) => isHarmful(entry, changing[what])) ? "loose" : "fine";
};

/** `type;flags;rights;object;inherited object;who` */
const isHarmful = (
  [type = "", flags = "", granted = "", , , who = ""]: readonly string[],
  harmful: number,
): boolean => {
  if (type === "D" || administrators.has(who)) return false;
  // It is for what is made inside, and not for this.
  if (/^(?:..)*IO/u.test(flags)) return false;
  return type !== "A" || (bitsOf(granted) & harmful) !== 0;
};

/** All bits where a right is not known. */
const bitsOf = (granted: string): number => {
  if (/^0x[\da-f]{1,8}$/iu.test(granted)) return Number(granted);
  const letters = granted.match(/../gu) ?? [];
  return letters.reduce((bits, each) => bits | (rights.get(each) ?? ~0), granted.length % 2 && ~0);
};
