import { createHash } from "node:crypto";
import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import type { Clock } from "../../core/time.ts";
import { accountOf, roleTitleOf } from "./arn.ts";
import { credentialOf, type FoundKeys } from "./aws-keys.ts";
import { askedProfileOf, processPathOf, runCredentialProcess } from "./credential-process.ts";
import type { AwsProfileDefinition, ProfileRoot } from "./definition.ts";
import { machineKeys } from "./machine-keys.ts";
import { sessionOf } from "./session-token.ts";
import type { Sts } from "./sts.ts";
import { keysForToken } from "./web-identity.ts";

/** What a profile without Identity Center starts from: keys in a file, a program, a token, the machine. */
export class Root {
  readonly #definition: AwsProfileDefinition;
  readonly #sts: Sts;
  readonly #clock: Clock;

  /** `clock` is the provider's. */
  constructor(definition: AwsProfileDefinition, sts: Sts, clock: Clock) {
    this.#definition = definition;
    this.#sts = sts;
    this.#clock = clock;
  }

  /** What it is called, for the sentences: `the keys of dev`. */
  get keys(): string {
    return `the keys of ${this.#definition.title}`;
  }

  /** The programs that it runs. */
  get programs(): readonly string[] {
    const { root } = this.#definition;
    return root.kind === "process" ? [processPathOf(root.command)] : [];
  }

  /** The account that it leads into, where the configuration says so. */
  get account(): string | undefined {
    const { root } = this.#definition;
    return root.kind === "web-identity" ? accountOf(root.roleArn) : undefined;
  }

  /** What it gives, for people. */
  get offer(): string {
    const { root } = this.#definition;
    return root.kind === "web-identity" ? roleTitleOf(root.roleArn) : rootTitles[root.kind];
  }

  /**
   * Keys that a role may be assumed with at once: those in the file or in the environment. Undefined where
   * they have to be fetched, and are better kept once they are.
   */
  async near(signal: AbortSignal): Promise<FoundKeys | undefined> {
    const { root, title } = this.#definition;
    if (root.kind === "keys") return this.#inFile(root);
    if (root.kind !== "environment") return undefined;
    return machineKeys(root.kind, title, this.#clock, signal);
  }

  /** What is handed out as the root's own: keys of a session always. */
  async credential(signal: AbortSignal): Promise<AwsCredential> {
    const { root, title, stsRegion } = this.#definition;
    if (root.kind === "web-identity") {
      return keysForToken(this.#sts, title, root, stsRegion, signal);
    }
    const found = await this.#find(root, signal);
    return (
      credentialOf(found, this.#clock.now()) ??
      sessionOf(this.#sts, found, { keys: this.keys, region: stsRegion }, signal)
    );
  }

  async #find(
    root: Exclude<ProfileRoot, { kind: "web-identity" }>,
    signal: AbortSignal,
  ): Promise<FoundKeys> {
    const { title } = this.#definition;
    switch (root.kind) {
      case "keys":
        return this.#inFile(root);
      case "process":
        this.#refuseLoop(root.command);
        return runCredentialProcess({ name: title, command: root.command }, this.#clock, signal);
      case "environment":
      case "ec2":
      case "ecs":
        return machineKeys(root.kind, title, this.#clock, signal);
    }
  }

  #inFile(root: Extract<ProfileRoot, { kind: "keys" }>): FoundKeys {
    if (root.endsAt !== undefined && this.#clock.now() >= root.endsAt) {
      throw new EvercredError(
        "sign-in-needed",
        `The keys of ${this.#definition.title} have ended.`,
        {
          remedy: "Renew them with the tool that wrote them to ~/.aws/credentials.",
        },
      );
    }
    return { ...root, accountId: undefined };
  }

  /** A program that asks us for what it is to give us would wait for itself. */
  #refuseLoop(command: string): void {
    const { title, profiles, assumed } = this.#definition;
    const asked = askedProfileOf(command);
    const ours = [...profiles, ...assumed].some(({ name }) => name === asked);
    if (asked === undefined || !ours) return;
    throw new EvercredError(
      "config-invalid",
      `credential_process of ${title} asks Evercred for ${asked}, which is made of its keys: ${loopOf(title, asked)}.`,
      { remedy: "Name the program that has the keys in credential_process." },
    );
  }
}

const digestOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);

const loopOf = (title: string, asked: string): string =>
  [...new Set([title, asked]), title].join(" -> ");

const rootTitles: Readonly<Record<Exclude<ProfileRoot["kind"], "web-identity">, string>> = {
  keys: "Own keys",
  process: "Keys of a program",
  environment: "Keys of the environment",
  ec2: "Keys of this EC2 instance",
  ecs: "Keys of this container",
};

/** Equal where the same keys come from the same place: a file that says otherwise is another place. */
export const rootBindingOf = (root: ProfileRoot): string => {
  switch (root.kind) {
    case "keys": {
      const { accessKeyId, secretAccessKey, sessionToken } = root;
      const secrets = [secretAccessKey.reveal(), sessionToken?.reveal()];
      return JSON.stringify(["keys", accessKeyId, digestOf(JSON.stringify(secrets))]);
    }
    case "process":
      return JSON.stringify(["process", digestOf(root.command)]);
    case "web-identity":
      return JSON.stringify(["web-identity", root.tokenFile, root.roleArn]);
    case "environment":
    case "ec2":
    case "ecs":
      return JSON.stringify([root.kind]);
  }
};
