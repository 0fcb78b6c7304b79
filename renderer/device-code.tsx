import type { JSX } from "preact";
import { Qr } from "./qr.tsx";
import { useWords } from "./words-context.ts";

export interface DeviceCodeProps {
  readonly code: string;
  /** The page where it is entered. */
  readonly url: string;
  /** Whose code it is, and what nobody should do. */
  readonly caution: string;
  readonly isCopied: boolean;
  readonly onCopy: () => void;
}

/** The code that the page asks for, or shows: to read, to copy, and to bring to a phone. */
export const DeviceCode = (props: DeviceCodeProps): JSX.Element => {
  const { code, url, caution, isCopied, onCopy } = props;
  const { signIn: texts, labels } = useWords().texts;
  return (
    <>
      <p class="code" aria-label={texts.code}>
        {code}
      </p>
      <button type="button" onClick={onCopy}>
        {isCopied ? labels.copied : texts.copyCode}
      </button>
      <div class="beside-qr">
        <p>{texts.compareCode}</p>
        <Qr text={url} label={texts.qr} />
      </div>
      <p class="caution">{caution}</p>
    </>
  );
};
