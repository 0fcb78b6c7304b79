import { spawnSync } from "node:child_process";
import { parseConfig } from "../../../electron/sources/aws/config-grammar.ts";
import type { AssumedRole, ConfiguredSource } from "../../../electron/sources/aws/definition.ts";
import { type Definitions, readDefinitions } from "../../../electron/sources/aws/profiles.ts";

/** The texts of both files of the AWS tools. */
export interface Files {
  readonly config?: string;
  readonly credentials?: string;
}

/** What a credential is made of, down to where it starts. */
export type Made = Readonly<Record<string, unknown>>;

/** By profile; only those that have a credential. */
export type Resolved = Readonly<Record<string, Made>>;

/** Reads texts as if they stood in the files `/c` and `/k`. */
export const readTexts = (
  { config = "", credentials = "" }: Files,
  configured: readonly ConfiguredSource[] = [],
): Definitions => {
  const parsed = [parseConfig(config), parseConfig(credentials, "credentials")] as const;
  const definitions = readDefinitions(
    { file: "/c", sections: parsed[0].sections },
    { file: "/k", sections: parsed[1].sections },
    configured,
  );
  const at = (file: string, index: 0 | 1) =>
    parsed[index].problems.map((problem) => ({ file, ...problem }));
  return { ...definitions, problems: [...at("/c", 0), ...at("/k", 1), ...definitions.problems] };
};

/** What our definitions make of each profile, in the words of resolve-with-botocore.py. */
export const resolveOurs = ({ organisations, profiles }: Definitions): Resolved => {
  const resolved = new Map<string, Made>();
  for (const { startUrl, region: ssoRegion, profiles: roles, assumed } of organisations) {
    const made = (account: string, role: string): Made => ({
      kind: "sso",
      startUrl,
      ssoRegion,
      account,
      role,
    });
    for (const { name, account, role, region } of roles) {
      resolved.set(name, { ...made(account, role), region: region ?? null });
    }
    const byKey = (key: string | undefined): Made => {
      const [account = "", role = ""] = (key ?? "").split("/");
      return made(account, role);
    };
    addAssumed(resolved, assumed, byKey, undefined);
  }
  for (const { root, mfaSerial, profiles: names, assumed } of profiles) {
    const made = ((): Made => {
      switch (root.kind) {
        case "keys":
          return {
            kind: "keys",
            id: root.accessKeyId,
            secret: root.secretAccessKey.reveal(),
            token: root.sessionToken?.reveal() ?? null,
          };
        case "process":
          return { kind: "process", command: root.command };
        case "web-identity":
          return {
            kind: "web-identity",
            file: root.tokenFile,
            arn: root.roleArn,
            session: root.sessionName ?? null,
          };
        case "environment":
        case "ec2":
        case "ecs":
          return { kind: "machine", source: machineNames[root.kind] };
      }
    })();
    for (const { name, region } of names) resolved.set(name, { ...made, region: region ?? null });
    addAssumed(resolved, assumed, () => made, mfaSerial);
  }
  return Object.fromEntries(resolved);
};

const machineNames = {
  environment: "Environment",
  ec2: "Ec2InstanceMetadata",
  ecs: "EcsContainer",
} as const;

const addAssumed = (
  resolved: Map<string, Made>,
  assumed: readonly AssumedRole[],
  rootOf: (key: string | undefined) => Made,
  device: string | undefined,
): void => {
  const madeOf = ({ parent, roleArn, sessionName, externalId, durationMs }: AssumedRole): Made => {
    const before = assumed.find(({ key }) => key === parent);
    return {
      kind: "role",
      arn: roleArn,
      session: sessionName ?? null,
      externalId: externalId ?? null,
      seconds: durationMs === undefined ? null : durationMs / 1_000,
      // The device stands with the first role of a chain.
      device: before === undefined ? (device ?? null) : null,
      from: before === undefined ? rootOf(parent) : madeOf(before),
    };
  };
  for (const each of assumed) {
    resolved.set(each.name, { ...madeOf(each), region: each.region ?? null });
  }
};

/** What botocore makes of each profile of each pair; undefined where it refuses the files as a whole. */
export const resolveWithBotocore = (
  files: readonly Files[],
): readonly (Readonly<Record<string, Made>> | undefined)[] => {
  const script = new URL("resolve-with-botocore.py", import.meta.url).pathname;
  const { stdout, stderr } = spawnSync("/usr/bin/python3", [script], {
    input: JSON.stringify(files),
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === "") throw new Error(stderr);
  const read = JSON.parse(stdout) as Record<string, Made>[];
  return read.map((each) => (typeof each["refused"] === "string" ? undefined : each));
};
