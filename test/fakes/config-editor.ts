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

  async set(path: readonly string[], value: ConfigValue | undefined): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.tree = withValue(this.tree, path, value);
    this.changes.push([path.join("."), value]);
    await this.apply();
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
      network: { proxy?: string; proxyUser?: string; proxyPasswordKey?: string };
    }>;
    const { proxy, proxyUser: user, proxyPasswordKey: passwordKey } = network;
    const host = proxy === undefined ? undefined : new URL(proxy).hostname;
    return { keys, sources, headers, proxy: { host, user, passwordKey } };
  }
}

const withValue = (
  tree: Tree,
  [name, ...rest]: readonly string[],
  value: ConfigValue | undefined,
): Tree => {
  if (name === undefined) throw new Error("The path is empty.");
  const { [name]: before, ...others } = tree;
  const after = rest.length === 0 ? value : withValue(isTree(before) ? before : {}, rest, value);
  return after === undefined ? others : { ...tree, [name]: after };
};
