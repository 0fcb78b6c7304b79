import { EnteredKeySource } from "../../../electron/sources/keys/entered-source.ts";
import { staticKeyOf } from "../../../electron/sources/keys/static-key.ts";
import { startCloud } from "../../fakes/cloud/cloud.ts";
import type { StartWorld } from "./world.ts";

/** A key that people enter, another one each time, and that nobody renews. */
export const key: StartWorld = async (options) => {
  const cloud = await startCloud(options);
  let entered = 0;
  return {
    cloud,
    id: "litellm",
    program: ["api-key", "litellm"],
    services: /^$/,
    steps: { signIn: ["keychain write"], signOut: ["keychain removal"] },
    source: ({ clock }) =>
      new EnteredKeySource(staticKeyOf("litellm", { kind: "static", remindBefore: 0 }), clock),
    signIn: () => {
      entered += 1;
      return { words: ["api-key", "set", "litellm"], types: [`sk-${String(entered)}`] };
    },
    approve: () => Promise.reject(new Error("There is no page.")),
    isValid: (stdout, kept) => stdout.trimEnd() === kept,
    close: () => cloud.close(),
  };
};
