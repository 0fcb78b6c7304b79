import type { Json } from "../commands/verb.ts";

/** One thing of the metadata server's. */
export type MetadataNode =
  | { readonly kind: "directory"; readonly entries: ReadonlyMap<string, MetadataNode> }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  /** Has to be fetched, and is in no document. */
  | { readonly kind: "token" | "identity" }
  /** Cannot be asked for by itself; in a document this stands in its place. */
  | { readonly kind: "unknown"; readonly instead: string };

/** What the tree is made of. */
export interface MetadataFacts {
  /** Whose tokens these are; undefined where nobody has told. */
  readonly email: string | undefined;
  readonly project: string | undefined;
  /** What the plain token is good for; empty where that is not known. */
  readonly scopes: readonly string[];
}

/**
 * All that this metadata server has. There is no machine here, so there is nothing of one; without a project's number
 * gcloud does not take this for a Google machine, which it would then rely on for more than tokens.
 */
export const metadataTree = ({ email, project, scopes }: MetadataFacts): MetadataNode => {
  const account = directory({
    aliases: { kind: "list", items: ["default"] },
    email:
      email === undefined ? { kind: "unknown", instead: "default" } : { kind: "text", text: email },
    identity: { kind: "identity" },
    scopes: { kind: "list", items: scopes },
    token: { kind: "token" },
  });
  const accounts = directory({
    default: account,
    ...(email === undefined ? {} : { [email]: account }),
  });
  const projects: Record<string, MetadataNode> =
    project === undefined ? {} : { "project-id": { kind: "text", text: project } };
  const universe: MetadataNode = { kind: "text", text: "googleapis.com" };
  const version = directory({
    instance: directory({ "service-accounts": accounts }),
    project: directory(projects),
    universe: directory({ "universe-domain": universe }),
  });
  return directory({ computeMetadata: directory({ v1: version }) });
};

/** What stands at a path; undefined where there is nothing to be had. */
export const nodeAt = (root: MetadataNode, path: string): MetadataNode | undefined => {
  const names = path.split("/").slice(1);
  const isDirectory = names.at(-1) === "";
  if (isDirectory) names.pop();
  let node: MetadataNode | undefined = path.startsWith("/") ? root : undefined;
  for (const name of names) {
    node = node?.kind === "directory" ? node.entries.get(plain(name)) : undefined;
  }
  if (node === undefined || node.kind === "unknown") return undefined;
  return isDirectory && node.kind !== "directory" ? undefined : node;
};

/** A thing as text: a directory as its list of names. */
export const textOf = (node: MetadataNode): string => {
  if (node.kind === "text") return node.text;
  if (node.kind === "list") return linesOf(node.items);
  if (node.kind !== "directory") return "";
  const shown = [...node.entries].filter(([, entry]) => entry.kind !== "unknown");
  return linesOf(shown.map(([name, entry]) => (entry.kind === "directory" ? `${name}/` : name)));
};

/** A thing and all below it as a document; what has to be fetched is left out. */
export const documentOf = (node: MetadataNode): Json => {
  switch (node.kind) {
    case "text":
      return node.text;
    case "list":
      return node.items;
    case "unknown":
      return node.instead;
    case "token":
    case "identity":
      return undefined;
    case "directory":
      return Object.fromEntries(
        [...node.entries].map(([name, entry]) => [propertyOf(name), documentOf(entry)]),
      );
  }
};

const directory = (entries: Readonly<Record<string, MetadataNode>>): MetadataNode => ({
  kind: "directory",
  entries: new Map(Object.entries(entries)),
});

const linesOf = (items: readonly string[]): string => items.map((item) => `${item}\n`).join("");

/** In a document `service-accounts` is `serviceAccounts`; an e-mail stays what it is. */
const propertyOf = (name: string): string =>
  name.includes("@")
    ? name
    : name.replace(/-(.)/gu, (_hyphen, letter: string) => letter.toUpperCase());

const plain = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};
