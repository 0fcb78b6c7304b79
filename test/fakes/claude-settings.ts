import type {
  ClaudeChange,
  ClaudeScope,
  ClaudeSettings,
  ClaudeWishes,
} from "../../electron/commands/ports.ts";
import type { EvercredError } from "../../electron/core/errors.ts";

/** Settings files in memory: plain JSON, whose first text comes back with an undo. */
export class FakeClaudeSettings implements ClaudeSettings {
  /** The texts of files, by name. */
  readonly files = new Map<string, string>();
  /** What the next change is refused with when it is made. */
  refusal: EvercredError | undefined;
  readonly #before = new Map<string, string | undefined>();

  set(scope: ClaudeScope, cwd: string, { helpers, env }: ClaudeWishes): ClaudeChange {
    const file = fileOf(scope, cwd);
    const first = this.#before.has(file) ? this.#before.get(file) : this.files.get(file);
    const tree = JSON.parse(first ?? "{}") as { env?: object };
    const next = { ...tree, ...helpers, env: { ...tree.env, ...env } };
    const after = `${JSON.stringify(next, undefined, 2)}\n`;
    return this.#change(file, after, next.env, () => this.#before.set(file, first));
  }

  undo(scope: ClaudeScope, cwd: string): ClaudeChange | undefined {
    const file = fileOf(scope, cwd);
    if (!this.#before.has(file)) return undefined;
    return this.#change(file, this.#before.get(file), {}, () => this.#before.delete(file));
  }

  #change(
    file: string,
    after: string | undefined,
    env: Readonly<Record<string, string>>,
    note: () => void,
  ): ClaudeChange {
    const before = this.files.get(file);
    const make = (): void => {
      if (this.refusal !== undefined) throw this.refusal;
      if (after === undefined) this.files.delete(file);
      else this.files.set(file, after);
      note();
    };
    const ours = [...(after ?? "").matchAll(/"([^"]*)"/g)].map(([, value = ""]) => value);
    return { file, before, after, form: "json", ours, env, make };
  }
}

const fileOf = (scope: ClaudeScope, cwd: string): string =>
  scope === "user"
    ? "/home/ann/.claude/settings.json"
    : `${cwd}/.claude/settings${scope === "local" ? ".local" : ""}.json`;
