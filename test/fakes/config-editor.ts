import { isDeepStrictEqual } from "node:util";
import type { ConfigEditor, ConfigValue, Settings } from "../../electron/commands/ports.ts";
import type { EvercredError } from "../../electron/core/errors.ts";

type Tree = { [name: string]: ConfigValue };

const isTree = (value: ConfigValue | undefined): value is Tree =>
  typeof value === "object" && !Array.isArray(value);

/** A configuration in memory. It knows no schema: a test says what it refuses. */
export class FakeConfigEditor implements ConfigEditor {
  /** All of it. */
  tree: Tree = {};
  /** What every change is refused with. */
  refusal: EvercredError | undefined;
  /** Every change that was made, in order: the path with dots, and the value. */
  readonly changes: (readonly [string, ConfigValue | undefined])[] = [];
  /** Has what was set come into force. */
  apply: () => Promise<void> = async () => undefined;

  async check(): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
  }

  async set(path: readonly string[], value: ConfigValue | undefined): Promise<boolean> {
    if (this.refusal !== undefined) throw this.refusal;
    const before = this.tree;
    this.tree = withValue(before, path, value);
    this.changes.push([path.join("."), value]);
    await this.apply();
    return !isDeepStrictEqual(before, this.tree);
  }

  /** What verbs may know of it. */
  get settings(): Settings {
    const {
      keys = {},
      sources = {},
      headers = {},
      network = {},
    } = this.tree as Partial<{
      keys: Settings["keys"];
      sources: Settings["sources"];
      headers: Settings["headers"];
      network: Settings["network"] & {
        proxy?: string;
        proxyUser?: string;
        proxyPasswordKey?: string;
      };
    }>;
    const { proxy, proxyUser: user, proxyPasswordKey: passwordKey } = network;
    const url = proxy === undefined ? undefined : new URL(proxy);
    return { keys, sources, headers, network, proxy: { url, user, passwordKey } };
  }
}

const withValue = (
  tree: Tree,
  [name, ...rest]: readonly string[],
  value: ConfigValue | undefined,
): Tree => {
  if (name === undefined) throw new Error("The path is empty.");
  const { [name]: before, ...others } = tree;
  if (value === undefined && !isTree(before) && rest.length > 0) return tree;
  const after = rest.length === 0 ? value : withValue(isTree(before) ? before : {}, rest, value);
  return after === undefined ? others : { ...tree, [name]: after };
};
