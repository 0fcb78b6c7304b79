import { chainIn, readAdcFile } from "./adc-file.ts";

/** What a file of Application Default Credentials says of itself; nothing of it is secret. */
export interface AdcSummary {
  /** `broken`: it cannot be used, and `fault` says why. */
  readonly state: "absent" | "broken" | "read";
  readonly fault: { readonly sentence: string; readonly remedy: string } | undefined;
  /** `authorized_user` and so on; undefined where it could not be read. */
  readonly type: string | undefined;
  /** The service account that it is of, or leads to. */
  readonly account: string | undefined;
  readonly quotaProject: string | undefined;
}

/** Reads such a file. Never rejects. */
export const inspectAdc = async (file: string): Promise<AdcSummary> => {
  const nothing = { type: undefined, account: undefined, quotaProject: undefined };
  const found = await readAdcFile(file);
  if (found.kind === "absent") return { ...nothing, state: "absent", fault: undefined };
  if (found.kind === "broken") return { ...nothing, state: "broken", fault: found.fault };
  const { adc } = found;
  return {
    state: "read",
    fault: undefined,
    type: adc.type,
    account: adc.type === "service_account" ? adc.client_email : chainIn(adc).at(-1),
    quotaProject: adc.quota_project_id ?? undefined,
  };
};
