import { awsKeysOf, tokenOf } from "../../core/credential.ts";
import type { Secret } from "../../core/secret.ts";
import { type Target, targetOf } from "../../core/source.ts";
import type { Access, AccessCheck } from "../access-ports.ts";
import { type Finding, ofDaemon, type Patient, type Verdict } from "./check.ts";
import { doubtOf, type Way, wayOf } from "./access-way.ts";
import { shellWords } from "./words.ts";

/** Whether the identity that Claude Code uses may use Claude where its settings lead. */
export const accessCheck = ofDaemon({
  id: "access",
  title: "Entitlement",
  async run({ access }, patient, signal) {
    const facts = await patient.inspector.claude(patient.cwd);
    const way = wayOf(facts, patient.variables);
    const doubt = way && doubtOf(way, facts.isTrusted);
    if (doubt !== undefined) return [doubt];
    const checks = way && (await checksOf(way, access, patient, signal));
    return checks === undefined ? [notSetUp] : checks.map(findingOf);
  },
});

const notSetUp: Finding = {
  id: "access.not-set-up",
  verdict: "not-checked",
  sentence: "Claude Code's settings do not say where, and as whom, to ask for models.",
};

const verdictOf: Readonly<Record<AccessCheck["verdict"], Verdict>> = {
  allowed: "ok",
  refused: "failure",
  "not-checked": "not-checked",
};

const findingOf = ({ what, verdict, sentence, remedy }: AccessCheck): Finding => ({
  id: `access.${verdict}`,
  verdict: verdictOf[verdict],
  sentence: `${what}: ${sentence}`,
  ...(remedy === undefined ? {} : { remedy }),
});

/** Undefined where the settings do not say what to ask. */
const checksOf = async (
  way: Way,
  access: Access,
  patient: Patient,
  signal: AbortSignal,
): Promise<readonly AccessCheck[] | undefined> => {
  const { models, skips, project } = way;
  const [region, baseUrl] = [way.region?.value, way.baseUrl?.value];
  const target = way.helper && targetIn(way.helper.value);
  const keyOf = async (): Promise<Secret | undefined> =>
    target && tokenOf(await patient.credentialOf(target, signal)).token;
  switch (way.provider) {
    case "bedrock": {
      if (skips) {
        if (baseUrl === undefined) return undefined;
        const speaks = { kind: "bedrock" } as const;
        return access.gateway({ baseUrl, key: await keyOf(), speaks, models }, signal);
      }
      if (target === undefined || region === undefined) return undefined;
      const credential = awsKeysOf(await patient.credentialOf(target, signal));
      return access.bedrock({ credential, region, models, baseUrl }, signal);
    }
    case "vertex": {
      if (region === undefined || project === undefined) return undefined;
      if (skips) {
        if (baseUrl === undefined) return undefined;
        const speaks = { kind: "vertex", region, project } as const;
        return access.gateway({ baseUrl, key: await keyOf(), speaks, models }, signal);
      }
      if (target === undefined) return undefined;
      const { token } = tokenOf(await patient.credentialOf(target, signal));
      return access.vertex({ token, region, project, models, baseUrl }, signal);
    }
    case "gateway": {
      if (baseUrl === undefined) return undefined;
      const speaks = { kind: "anthropic" } as const;
      return access.gateway({ baseUrl, key: await keyOf(), speaks, models }, signal);
    }
  }
};

/** What a helper of ours hands out, by its words. */
const targetIn = (helper: string): Target | undefined => {
  const words = shellWords(helper) ?? [];
  const after = (word: string): string | undefined =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const profile = after("--profile");
  if (profile !== undefined) return targetOf("aws", profile);
  const account = after("--account");
  if (account !== undefined) return targetOf("gcp", account);
  const key = after("api-key");
  return key === undefined ? undefined : targetOf("api-key", key);
};
