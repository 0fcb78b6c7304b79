import { type FoundPolicy, readRootsFile } from "./policy-file.ts";
import { readManagedPreferences } from "./policy-macos.ts";
import { readPolicyValue, readProgramDataFile } from "./policy-windows.ts";

/** Where the policy of this machine stands: no variable and no setting leads elsewhere. */
export interface PolicyPlace {
  /** Files whose change may be another policy. */
  readonly watched: readonly string[];
  /** What stands there now. Never rejects. */
  find(): Promise<FoundPolicy>;
}

const onMac = {
  file: "/Library/Application Support/Evercred/policy.json",
  managed: "/Library/Managed Preferences/dev.evercred.app.plist",
};

/** What an administrator's tool manages comes before the file. */
export const systemPolicy = (platform: NodeJS.Platform): PolicyPlace => {
  switch (platform) {
    case "darwin":
      return {
        watched: [onMac.managed, onMac.file],
        find: async () => {
          const managed = await readManagedPreferences(onMac.managed);
          return managed.kind === "none" ? readRootsFile(onMac.file) : managed;
        },
      };
    case "win32": {
      const file = String.raw`C:\ProgramData\Evercred\policy.json`;
      return {
        watched: [file],
        find: async () => {
          const managed = await readPolicyValue();
          return managed.kind === "none" ? readProgramDataFile(file) : managed;
        },
      };
    }
    default: {
      const file = "/etc/evercred/policy.json";
      return { watched: [file], find: () => Promise.resolve(readRootsFile(file)) };
    }
  }
};
