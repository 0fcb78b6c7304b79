import type { JSX } from "preact";
import { encode } from "uqr";

export interface QrProps {
  /** What the code says. */
  readonly text: string;
  /** What it is, for whoever does not see it. */
  readonly label: string;
}

/** The empty border that a reader needs around it, in modules (ISO/IEC 18004). */
const quietZone = 4;

/** More than that no code holds that a phone reads off a screen, in characters. */
const longest = 1_000;

/** A QR code, drawn in one path. Nothing where the text is too long for one. */
export const Qr = ({ text, label }: QrProps): JSX.Element | null => {
  if (text.length > longest) return null;
  const { data, size } = encode(text, { border: quietZone, ecc: "M" });
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${String(size)} ${String(size)}`}>
      <path d={pathOf(data)} />
    </svg>
  );
};

/** A square for each dark module. */
const pathOf = (modules: readonly (readonly boolean[])[]): string =>
  modules
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : "")))
    .join("");
