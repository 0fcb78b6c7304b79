import { EvercredError } from "../core/errors.ts";
import type { ClaudeWish } from "../protocol/claude-view.ts";
import type { NewSource } from "../protocol/ipc.ts";

/** How Claude Code is to be connected, as it came from the window. Throws for what was not agreed. */
export const wishOf = (value: unknown): ClaudeWish => {
  const field = fieldsOf(value);
  const provider = field("provider");
  switch (provider) {
    case "bedrock":
      return { provider, profile: field("profile"), region: field("region") };
    case "vertex":
      return {
        provider,
        account: field("account"),
        region: field("region"),
        project: field("project"),
      };
    case "gateway":
      return { provider, baseUrl: field("baseUrl"), key: field("key") };
    default:
      throw new EvercredError("usage");
  }
};

/** A source that is to be added, likewise. */
export const newSourceOf = (value: unknown): NewSource => {
  const field = fieldsOf(value);
  const [kind, name] = [field("kind"), field("name")];
  switch (kind) {
    case "google":
      return { kind, name, clientFile: field("clientFile") };
    case "oidc":
      return { kind, name, issuer: field("issuer"), clientId: field("clientId") };
    default:
      throw new EvercredError("usage");
  }
};

/** What is no text counts as an empty one. */
const fieldsOf = (value: unknown): ((name: string) => string) => {
  const fields = new Map(
    typeof value === "object" && value !== null ? Object.entries<unknown>({ ...value }) : [],
  );
  return (name) => {
    const field = fields.get(name);
    return typeof field === "string" ? field.trim() : "";
  };
};
