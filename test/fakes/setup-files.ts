import type { EvercredError } from "../../electron/core/errors.ts";
import type { Environment } from "../../electron/commands/environment-ways.ts";
import type {
  ContainerSettings,
  ContainerWishes,
  EditorPlace,
  EditorSettings,
  FileChange,
  FoundSecret,
  GcloudSettings,
  ProcessProfile,
  ProcessProfiles,
  SetupFiles,
} from "../../electron/commands/setup-ports.ts";

const valuesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"/g)].map(([, value = ""]) => value);

/** Files in memory, whose first text comes back with an undo. */
class MemoryFiles {
  readonly texts = new Map<string, string>();
  readonly #before = new Map<string, string | undefined>();

  set(file: string, value: unknown): FileChange {
    const before = this.texts.get(file);
    const after = `${JSON.stringify(value, undefined, 2)}\n`;
    const make = (): void => {
      if (!this.#before.has(file)) this.#before.set(file, before);
      this.texts.set(file, after);
    };
    return { file, before, after, form: "json", ours: valuesIn(after), make };
  }

  undo(file: string): FileChange | undefined {
    if (!this.#before.has(file)) return undefined;
    const after = this.#before.get(file);
    const make = (): void => {
      if (after === undefined) this.texts.delete(file);
      else this.texts.set(file, after);
      this.#before.delete(file);
    };
    return { file, before: this.texts.get(file), after, form: "json", ours: [], make };
  }
}

/** The settings of two editors in memory, one of which is used. */
export class FakeEditorSettings implements EditorSettings {
  readonly files = new MemoryFiles();
  readonly known = ["code", "cursor"];
  used: readonly string[] = ["code"];

  present(): readonly string[] {
    return this.used;
  }

  set(place: EditorPlace, env: Readonly<Record<string, string>>): FileChange {
    return this.files.set(fileOf(place), env);
  }

  undo(place: EditorPlace): FileChange | undefined {
    return this.files.undo(fileOf(place));
  }
}

const fileOf = (place: EditorPlace): string =>
  place.kind === "project"
    ? `${place.cwd}/.vscode/settings.json`
    : `/home/ann/.config/${place.editor}/User/settings.json`;

/** A project's container in memory. */
export class FakeContainerSettings implements ContainerSettings {
  readonly files = new MemoryFiles();
  /** Why it cannot be edited; undefined: it can. */
  refusal: EvercredError | undefined;

  set(cwd: string, wishes: ContainerWishes): FileChange {
    if (this.refusal !== undefined) throw this.refusal;
    return this.files.set(`${cwd}/.devcontainer/devcontainer.json`, wishes);
  }

  undo(cwd: string): FileChange | undefined {
    return this.files.undo(`${cwd}/.devcontainer/devcontainer.json`);
  }
}

/** The AWS CLI's configuration in memory: one text a profile. */
export class FakeProcessProfiles implements ProcessProfiles {
  readonly files = new MemoryFiles();

  set(profile: ProcessProfile): FileChange {
    return this.files.set(profile.name, profile);
  }

  undo(name: string): FileChange | undefined {
    return this.files.undo(name);
  }
}

/** gcloud's configuration in memory. */
export class FakeGcloudSettings implements GcloudSettings {
  readonly files = new MemoryFiles();

  set(tokenFile: string): FileChange {
    return this.files.set("config_default", tokenFile);
  }

  undo(): FileChange | undefined {
    return this.files.undo("config_default");
  }
}

/** Files in which a test says what stands. */
export class FakeSetupFiles implements SetupFiles {
  found: readonly FoundSecret[] = [];
  has: readonly Environment[] = [];
  /** What was asked for: the folder, and the profiles. */
  readonly asked: (readonly [cwd: string, profiles: readonly string[]])[] = [];

  secrets(cwd: string, profiles: readonly string[]): readonly FoundSecret[] {
    this.asked.push([cwd, profiles]);
    return this.found;
  }

  environments(): readonly Environment[] {
    return this.has;
  }
}
