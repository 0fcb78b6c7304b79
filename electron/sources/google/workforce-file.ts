import * as z from "zod";
import { Secret } from "../../core/secret.ts";
import { shown } from "../shown.ts";
import type { OAuthClient } from "./client-file.ts";
import { type Fault, fileFaultOf, objectIn, readSmallFile } from "./small-file.ts";

/** How people of a workforce pool sign in: by way of their own organisation. */
export interface WorkforceLogin {
  /** `//iam.googleapis.com/locations/global/workforcePools/POOL/providers/PROVIDER` */
  readonly audience: string;
  /** The audience without its host, as the sign-in page takes it. */
  readonly provider: string;
  readonly authUrl: string;
  readonly tokenUrl: string;
  readonly tokenInfoUrl: string;
  readonly universeDomain: string;
  /** Not in files that gcloud makes: its own client is left out there. */
  readonly client: OAuthClient | undefined;
}

const loginType = "external_account_authorized_user_login_config";

const url = z.url({ protocol: /^https$/u });
const domain = z.string().regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]+$/u);
const text = z.string().min(1);

const loginForm = z.object({
  audience: z
    .string()
    .regex(
      /^\/\/iam\.googleapis\.com\/locations\/[\w-]+\/workforcePools\/[\w-]+\/providers\/[\w-]+$/u,
    ),
  auth_url: url,
  token_url: url,
  token_info_url: url,
  universe_domain: domain.default("googleapis.com"),
  universe_cloud_web_domain: domain.default("cloud.google"),
  client_id: text.optional(),
  client_secret: z.string().default(""),
});

/** Reads the login configuration of a workforce pool. Never rejects. */
export const readWorkforceFile = async (file: string): Promise<WorkforceLogin | Fault> => {
  const read = await readSmallFile(file);
  if (read.kind !== "text") return fileFaultOf(file, read.kind);
  const fault = (what: string): Fault => ({
    sentence: `${file} ${what}.`,
    remedy: "Make it anew: gcloud iam workforce-pools create-login-config",
  });
  const content = objectIn(read.text);
  if (content === undefined) return fault("is not whole: it holds no JSON object");
  const { type } = content;
  if (type !== loginType) {
    const what = typeof type === "string" ? ` (${shown(type)})` : "";
    return fault(`is not the login configuration of a workforce pool${what}`);
  }
  const parsed = loginForm.safeParse(content);
  if (!parsed.success) {
    const name = parsed.error.issues[0]?.path.join(".") ?? "";
    return fault(`has ${name in content ? "an odd" : "no"} ${shown(name)}`);
  }
  const { auth_url, token_url, token_info_url, universe_domain, ...rest } = parsed.data;
  const { universe_cloud_web_domain: web, client_id: id, client_secret: secret } = rest;
  const homes = { auth_url: web, token_url: universe_domain, token_info_url: universe_domain };
  for (const [name, address] of Object.entries({ auth_url, token_url, token_info_url })) {
    const { host } = new URL(address);
    const home = homes[name as keyof typeof homes];
    if (!host.endsWith(`.${home}`)) {
      return fault(`names a host in ${name} that is not under ${home}`);
    }
  }
  return {
    audience: rest.audience,
    provider: rest.audience.slice("//iam.googleapis.com/".length),
    authUrl: auth_url,
    tokenUrl: token_url,
    tokenInfoUrl: token_info_url,
    universeDomain: universe_domain,
    client: id === undefined ? undefined : { id, secret: new Secret(secret) },
  };
};
