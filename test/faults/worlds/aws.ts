import { usualTimeouts } from "../../../electron/sources/aws/ports.ts";
import { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { startCloud } from "../../fakes/cloud/cloud.ts";
import { corp } from "../../sources/aws/world.ts";
import type { StartWorld } from "./world.ts";

/** A session of IAM Identity Center, and a role of it. */
export const aws: StartWorld = async (options) => {
  const cloud = await startCloud(options);
  return {
    cloud,
    id: "corp",
    program: ["aws", "export", "--profile", "p"],
    services: /^\/(?:token|client\/register|device_authorization|federation|assignment|logout)/,
    steps: {
      signIn: ["request /token", "keychain write", "token file publish"],
      renewal: ["request /token", "keychain write", "token file publish"],
      signOut: ["request /logout", "keychain removal", "token file withdraw"],
    },
    source: ({ timeouts = usualTimeouts, ...ports }) =>
      new AwsSsoSource(
        corp,
        { ...ports, timeouts, mirror: true, productName: "Evercred", random: () => 0 },
        [],
      ),
    signIn: () => ({ words: ["login", "corp"] }),
    approve: (url) => cloud.approve(url),
    isValid: (stdout) => {
      const { Credentials } = JSON.parse(stdout) as { Credentials: { AccessKeyId: string } };
      const keys = cloud.keyRing.find(Credentials.AccessKeyId);
      return keys !== undefined && keys.expiresAt > cloud.now();
    },
    close: () => cloud.close(),
  };
};
