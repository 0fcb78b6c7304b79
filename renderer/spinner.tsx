import type { JSX } from "preact";

/** Says that something is under way; it stands still where the reader wants no motion. */
export const Spinner = (): JSX.Element => (
  <svg class="spinner" viewBox="0 0 16 16" aria-hidden="true">
    <circle cx="8" cy="8" r="6" pathLength="100" />
  </svg>
);
