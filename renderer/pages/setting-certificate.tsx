import type { JSX } from "preact";
import type { CertificateChoice, SettingValue } from "../../electron/protocol/settings-view.ts";
import { useWords } from "../words-context.ts";
import { type ControlProps, Line, List } from "./setting-controls.tsx";
import { useDraft } from "./use-typed.ts";

/** The parts of a certificate while they are put together. */
interface Draft {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly passphraseKey: string | undefined;
  readonly hosts: readonly string[] | undefined;
}

/** A certificate, its key, and whom it is shown to. It counts once both files are named. */
export const Certificate = (props: ControlProps<CertificateChoice>): JSX.Element => {
  const { texts } = useWords();
  const { id, value, isLocked, describedBy, onSet } = props;
  const [typed, setTyped] = useDraft<Draft>(value === undefined ? "" : JSON.stringify(value));
  const draft = typed ?? draftOf(value);
  const put = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    setTyped(next);
    const { certFile, keyFile, passphraseKey, hosts } = next;
    if (certFile === undefined && keyFile === undefined) onSet(undefined);
    if (certFile === undefined || keyFile === undefined) return;
    onSet({
      certFile,
      keyFile,
      ...(passphraseKey === undefined ? {} : { passphraseKey }),
      ...(hosts === undefined ? {} : { hosts }),
    });
  };
  const common = { isLocked, describedBy };
  const isHalf = (draft.certFile === undefined) !== (draft.keyFile === undefined);
  return (
    <div class="parts" role="group" aria-labelledby={`${id}-name`}>
      <label class="part">
        <span>{texts.settings.certFile}</span>
        <Line
          {...common}
          id={`${id}-cert`}
          value={draft.certFile}
          onSet={(file) => {
            put({ certFile: textOf(file) });
          }}
        />
      </label>
      <label class="part">
        <span>{texts.settings.keyFile}</span>
        <Line
          {...common}
          id={`${id}-key`}
          value={draft.keyFile}
          onSet={(file) => {
            put({ keyFile: textOf(file) });
          }}
        />
      </label>
      {isHalf && <p class="muted">{texts.settings.bothFiles}</p>}
      {draft.certFile !== undefined && draft.keyFile !== undefined && (
        <>
          <label class="part">
            <span>{texts.settings.passphraseKey}</span>
            <Line
              {...common}
              id={`${id}-passphrase`}
              value={draft.passphraseKey}
              onSet={(key) => {
                put({ passphraseKey: textOf(key) });
              }}
            />
          </label>
          <label class="part">
            <span>{texts.settings.hosts}</span>
            <List
              {...common}
              id={`${id}-hosts`}
              value={draft.hosts}
              onSet={(hosts) => {
                put({ hosts: isTexts(hosts) ? hosts : undefined });
              }}
            />
          </label>
        </>
      )}
    </div>
  );
};

const draftOf = (value: CertificateChoice | undefined): Draft => ({
  certFile: value?.certFile,
  keyFile: value?.keyFile,
  passphraseKey: value?.passphraseKey,
  hosts: value?.hosts,
});

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const isTexts = (value: SettingValue | undefined): value is readonly string[] =>
  Array.isArray(value);
