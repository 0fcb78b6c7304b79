import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Face } from "../commands/face-ports.ts";
import type { Policies } from "../commands/policy-ports.ts";
import type { Belonging, Belongings, Left, Remainder } from "../commands/reset-ports.ts";
import { errorOf, EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { type SourceId, sourceIdOf, type StrayGrant } from "../core/source.ts";
import { reasonOf } from "../platform/atomic-file.ts";
import { type AutostartPlaces, ownEntries } from "../platform/autostart.ts";
import { openAwsSetup } from "../platform/aws-setup.ts";
import { openGcloudSetup } from "../platform/gcloud-setup.ts";
import type { Keychain } from "../platform/keychain.ts";
import { lookIntoOwnFolders, type OwnFolders } from "../platform/own-folders.ts";
import { keptCopyOf, notedSetups, type NotedSetup } from "../platform/tool-undo.ts";
import { unnotedSetups } from "../platform/tool-unnoted.ts";
import type { Places } from "../protocol/endpoint.ts";
import { keptAdcFiles } from "../sources/google/adc-writer.ts";

/** What it needs of the daemon. */
export interface BelongingsParts {
  readonly places: Places;
  readonly configFile: string;
  readonly store: Pick<Keychain, "keys" | "get" | "delete">;
  readonly aws: { readonly configFile: string; readonly credentialsFile: string };
  readonly google: { readonly adcFile: string; readonly gcloudFolder: string };
  readonly autostart: AutostartPlaces;
  readonly face: Pick<Face, "loginItem"> | undefined;
  /** What a grant of the keychain comes to where its source is not configured. */
  stray(id: SourceId, saved: Secret): StrayGrant | undefined;
  readonly policy: Pick<Policies, "file">;
  /** The user's own settings of Claude Code. */
  readonly claudeFile: string;
  /** Where administrators put settings of Claude Code. */
  readonly managedFile: string;
  /** The folders that are Evercred's by where they are. */
  readonly usual: readonly string[];
  /** As `Belongings.leave`. */
  leave(): Promise<readonly Left[]>;
}

/** Puts together what Evercred has on this machine, so that it can be taken away. */
export const openBelongings = (parts: BelongingsParts): Belongings => {
  const { places, configFile, store, usual } = parts;
  const noteFile = join(places.stateDir, "setup.json");
  const aws = openAwsSetup(parts.aws);
  const tokenFolder = join(places.runtimeDir, "tokens");
  const gcloud = openGcloudSetup(parts.google.gcloudFolder, tokenFolder);
  /** Files of which a copy may lie beside them. */
  const copied = (): readonly string[] => [parts.aws.configFile, ...gcloud.files()];
  return {
    setups: () =>
      promised(() => {
        const noted = notedIn(noteFile, parts.claudeFile);
        const profiles = foundIn(parts.aws.configFile, "evercred", () =>
          aws
            .names()
            .map((name) =>
              setIn(
                parts.aws.configFile,
                () => aws.undo(name)?.make(),
                `the profile ${name} in ${parts.aws.configFile}`,
              ),
            ),
        );
        const configurations = gcloud.files().flatMap((file) =>
          foundIn(file, tokenFolder, () => {
            const title = `what was set up in ${file}`;
            if (gcloud.undoIn(file) === undefined) return [];
            return [setIn(file, () => gcloud.undoIn(file)?.make(), title)];
          }),
        );
        const copies = copied().flatMap((file) => {
          const copy = keptCopyOf(file);
          return copy?.isSame === true ? [removal(copy.path, `the copy ${copy.path}`)] : [];
        });
        return [
          ...noted,
          ...profiles,
          ...configurations,
          ...copies,
          ...adcKept(parts.google.adcFile),
          ...startAtLogin(parts),
        ];
      }),
    files: () => {
      const { ours } = lookIntoOwnFolders(places, usual);
      const remembered = ["audit.jsonl", "consent.json"].map((name) => join(places.stateDir, name));
      const isUsed = remembered.some((file) => ours.includes(file));
      const isOurs = ours.includes(configFile);
      return [
        ...(isUsed ? [remembers(places.stateDir)] : []),
        ...(isOurs ? [removal(configFile, `the configuration ${configFile}`)] : []),
      ];
    },
    remainders: () =>
      Promise.resolve([
        ...copied().flatMap(copyStays),
        ...foldersStay(lookIntoOwnFolders(places, usual)),
        ...(parts.policy.file === undefined
          ? []
          : [stays(`${parts.policy.file}, the policy of your organisation.`)]),
        ...managed(parts.managedFile),
      ]),
    keys: () => store.keys(),
    stray: async (key) => {
      const saved = await store.get(key);
      return saved && parts.stray(sourceIdOf(key.replace(/^grant\//u, "")), saved);
    },
    forget: (key) => store.delete(key),
    leave: () => parts.leave(),
  };
};

const foldersStay = ({ unsure, others }: OwnFolders): readonly Remainder[] => [
  ...unsure.map((path) =>
    stays(`${path}, in a folder that was somebody else's before. Delete it if nobody needs it.`),
  ),
  ...others.map((path) => stays(`${path} is not Evercred's.`)),
];

/** Notes that cannot be read keep nothing from going that can be found without them. */
const notedIn = (noteFile: string, claudeFile: string): readonly Belonging[] => {
  const inTools = (setups: readonly NotedSetup[]): readonly Belonging[] =>
    setups.map((setup) =>
      setIn(setup.file, () => setup.undo(), `what was set up in ${setup.file}`),
    );
  try {
    return inTools(notedSetups(noteFile));
  } catch (thrown) {
    const error = errorOf(thrown);
    const title = "what only the notes of earlier set-ups tell";
    return [
      ...inTools(unnotedSetups(noteFile, claudeFile)),
      { title, remove: () => Promise.reject(error) },
    ];
  }
};

/**
 * What `look` finds in a file. One that cannot be edited keeps nothing else from going: it counts only where it has the
 * `word` without which nothing in it is ours, or nobody can tell.
 */
const foundIn = (
  file: string,
  word: string,
  look: () => readonly Belonging[],
): readonly Belonging[] => {
  try {
    return look();
  } catch (thrown) {
    const error = errorOf(thrown);
    if (!mayHave(file, word)) return [];
    return [{ title: `what was set up in ${file}`, remove: () => Promise.reject(error) }];
  }
};

const mayHave = (file: string, word: string): boolean => {
  try {
    return readFileSync(file).includes(word);
  } catch (thrown) {
    // A link that leads nowhere.
    return !(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT");
  }
};

/** What stands in a file; a copy that is no more than the file itself goes with it. */
const setIn = (file: string, undo: () => void, title: string): Belonging => ({
  title,
  remove: () =>
    promised(() => {
      undo();
      const copy = keptCopyOf(file);
      if (copy?.isSame === true) copy.drop();
      return undefined;
    }),
});

const removal = (path: string, title: string): Belonging => ({
  title,
  remove: () =>
    promised(() => {
      changed(path, () => {
        rmSync(path, { force: true });
      });
      return undefined;
    }),
});

/** It goes with the daemon, which writes there until its end. */
const remembers = (stateDir: string): Belonging => ({
  title: `the record, the answers and the log in ${stateDir}`,
  remove: () => Promise.resolve(undefined),
});

/** The files that stood in the place of Application Default Credentials before ours: the newest goes back there. */
const adcKept = (adcFile: string): readonly Belonging[] => {
  const newest = keptAdcFiles(adcFile).at(-1);
  if (newest === undefined) return [];
  return [
    {
      title: `what stood in the place of ${newest}: it comes back to ${adcFile}`,
      remove: () =>
        promised(() => {
          if (existsSync(adcFile)) return `${newest}: another file is at ${adcFile} by now.`;
          changed(newest, () => {
            renameSync(newest, adcFile);
          });
          return undefined;
        }),
    },
  ];
};

const startAtLogin = ({ autostart, face }: BelongingsParts): readonly Belonging[] => {
  const { loginItem } = face ?? {};
  return [
    ...ownEntries(autostart).map((file) => removal(file, `the start at login, ${file}`)),
    ...(loginItem?.isOn() === true
      ? [
          {
            title: "the start at login",
            remove: () =>
              promised(() => {
                loginItem.set(false);
                return undefined;
              }),
          },
        ]
      : []),
  ];
};

/** Of work that is done at once: what it throws is a rejection. */
const promised = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);

const changed = (path: string, work: () => void): void => {
  try {
    work();
  } catch (thrown) {
    const sentence = `${path} cannot be taken away (${reasonOf(thrown)}).`;
    const remedy = "Make its folder writable for yourself.";
    throw new EvercredError("config-invalid", sentence, { remedy, cause: thrown });
  }
};

const stays = (sentence: string): Remainder => ({ sentence, remedy: undefined });

const copyStays = (file: string): readonly Remainder[] => {
  const copy = keptCopyOf(file);
  if (copy === undefined || copy.isSame) return [];
  return [stays(`${copy.path}: others have changed the file since. Delete it if nobody needs it.`)];
};

/** Settings of administrators that ask us, which only they may change. */
const managed = (file: string): readonly Remainder[] => {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  if (!/evercred(?:\.exe)?(?:\\?["'])? (?:aws|gcp|api-key|headers|proxy-auth)\b/.test(text)) {
    return [];
  }
  const sentence = `${file} has Claude Code ask Evercred.`;
  return [{ sentence, remedy: "An administrator has to change it." }];
};
