import { chmod, chown, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type House, type HouseOptions, openHouse } from "./house.ts";

const headless = join(import.meta.dirname, "..", "..", "dist", "headless.cjs");

/** A file as an administrator, or somebody else, leaves it. */
export interface FileFacts {
  /** The user's number; undefined: root. */
  readonly owner?: number;
  /** Undefined: 0644. */
  readonly mode?: number;
}

/** A user's machine whose administrator has something to say. */
export interface GovernedHouse extends House {
  /** The words before those of a program that is to see the policy. */
  readonly under: readonly string[];
  /** Puts this into /etc/evercred/policy.json, as JSON unless it is a text. */
  policy(content: unknown, facts?: FileFacts): Promise<void>;
  noPolicy(): Promise<void>;
  /** The folder /etc/evercred itself has this mode from now on. */
  policyFolderMode(mode: number): Promise<void>;
}

/**
 * Such a machine. The daemon has an /etc of its own (a mount namespace): the policy is at its real place, and no other
 * test sees it. Takes root.
 */
export const openGovernedHouse = async (
  policy: unknown,
  options: HouseOptions = {},
): Promise<GovernedHouse> => {
  const root = await mkdtemp(join(tmpdir(), "evercred-policy-"));
  const folder = join(root, "evercred");
  const layer = join(root, "layer");
  for (const each of [folder, layer]) await mkdir(each, { mode: 0o755 });
  await chmod(root, 0o755);
  const script = [
    `mount -t tmpfs tmpfs '${layer}'`,
    `mkdir '${layer}/upper' '${layer}/work'`,
    `mount -t overlay overlay -o 'lowerdir=/etc,upperdir=${layer}/upper,workdir=${layer}/work' /etc`,
    `mkdir /etc/evercred`,
    `mount --bind '${folder}' /etc/evercred`,
    `exec "$@"`,
  ].join(" && ");
  const words = ["/usr/bin/unshare", "--mount", "--", "/bin/sh", "-c", script, "sh"];
  const daemon = [process.execPath, headless, "--background"];
  const launch = `${["headless", ...words, ...daemon].join("\t")}\n`;
  const house = await openHouse({ ...options, launch });
  const file = join(folder, "policy.json");
  const governed: GovernedHouse = {
    ...house,
    under: words,
    policy: async (content, { owner = 0, mode = 0o644 } = {}) => {
      const draft = join(root, "draft");
      await writeFile(draft, typeof content === "string" ? content : JSON.stringify(content));
      await chown(draft, owner, 0);
      await chmod(draft, mode);
      await rename(draft, file);
    },
    noPolicy: () => rm(file, { force: true }),
    policyFolderMode: (mode) => chmod(folder, mode),
    close: async () => {
      await house.close();
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  if (policy !== undefined) await governed.policy(policy);
  return governed;
};
