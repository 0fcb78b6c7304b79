import * as z from "zod";
import { Secret } from "../../core/secret.ts";
import { shown } from "../shown.ts";
import { type Fault, fileFaultOf, objectIn, readSmallFile } from "./small-file.ts";

/** An OAuth client of type Desktop app. */
export interface OAuthClient {
  readonly id: string;
  /** Whoever has the program has it, as Google itself says; it is kept out of sight all the same. */
  readonly secret: Secret;
}

/** Where to get one, in words. */
export const getClient =
  "Make an OAuth client of type Desktop app in Google's console, and download its file.";

const endpoint = z.url({ protocol: /^https$/u }).optional();

const installedForm = z.object({
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  auth_uri: endpoint,
  token_uri: endpoint,
});

/** Reads the file of an OAuth client, as Google's console gives it. Never rejects. */
export const readClientFile = async (file: string): Promise<OAuthClient | Fault> => {
  const read = await readSmallFile(file);
  if (read.kind !== "text") return fileFaultOf(file, read.kind);
  const fault = (what: string, remedy = "Download it again from Google's console."): Fault => ({
    sentence: `${file} ${what}.`,
    remedy,
  });
  const content = objectIn(read.text);
  if (content === undefined) return fault("is not whole: it holds no JSON object");
  const [kind = "", ...more] = Object.keys(content);
  if (kind !== "installed" || more.length > 0) {
    return fault(strangeness(content), getClient);
  }
  const parsed = installedForm.safeParse(content["installed"]);
  if (!parsed.success) {
    const name = parsed.error.issues[0]?.path.join(".") ?? "";
    return fault(name === "" ? "says nothing of a client" : `has no usable ${shown(name)}`);
  }
  const { client_id: id, client_secret: secret, auth_uri, token_uri } = parsed.data;
  for (const [name, url] of Object.entries({ auth_uri, token_uri })) {
    if (url !== undefined && !isGoogles(new URL(url))) {
      const { host } = new URL(url);
      return fault(`names a host in ${name} that is not Google's: ${shown(host)}`, getClient);
    }
  }
  return { id, secret: new Secret(secret) };
};

/** What a file is that is none of a Desktop client. */
const strangeness = (content: Readonly<Record<string, unknown>>): string => {
  if ("web" in content) return "is of a client of type Web application";
  if (typeof content["type"] === "string") {
    return `holds credentials (${shown(content["type"])}), and no client`;
  }
  return "is not the file of a client of type Desktop app";
};

/** Its addresses are only checked: Google's own library knows where Google has moved them since. */
const isGoogles = ({ host }: URL): boolean =>
  host === "accounts.google.com" || host.endsWith(".googleapis.com");
