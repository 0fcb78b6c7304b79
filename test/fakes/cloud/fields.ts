import { refuseOidc } from "./oidc-errors.ts";

/** The members of a JSON request body. Whatever is missing, unknown or of the wrong type is an `invalid_request`. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(body: string) {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      throw refuseOidc("invalid_request", "The body is no JSON.");
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw refuseOidc("invalid_request", "The body is no JSON object.");
    }
    this.#values = new Map<string, unknown>(Object.entries(value));
  }

  /** Refuses every member that is not named here. */
  allow(names: readonly string[]): void {
    for (const name of this.#values.keys()) {
      if (!names.includes(name)) throw refuseOidc("invalid_request", `Unknown field: ${name}`);
    }
  }

  /** A string that must be there and not empty. */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined || value === "") {
      throw refuseOidc("invalid_request", `Missing field: ${name}`);
    }
    return value;
  }

  /** A string, if there. */
  optionalText(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw refuseOidc("invalid_request", `Not a string: ${name}`);
  }

  /** A list of strings, empty if not there. */
  list(name: string): readonly string[] {
    const value = this.#values.get(name) ?? [];
    if (!Array.isArray(value)) throw refuseOidc("invalid_request", `Not a list: ${name}`);
    return value.map((item: unknown) => {
      if (typeof item === "string") return item;
      throw refuseOidc("invalid_request", `Not a list of strings: ${name}`);
    });
  }
}
