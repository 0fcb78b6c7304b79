import type { JSX } from "preact";
import type { Page } from "../electron/protocol/pages.ts";

/** The sign of a page, beside its name. */
export const NavIcon = ({ page }: { readonly page: Page }): JSX.Element => (
  <svg class="nav-icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
    {drawings[page]}
  </svg>
);

const line = {
  fill: "none",
  stroke: "currentColor",
  "stroke-width": 1.6,
  "stroke-linecap": "round",
  "stroke-linejoin": "round",
} as const;

const drawings: Readonly<Record<Page, JSX.Element>> = {
  home: <path {...line} d="M3 9.2 10 3l7 6.2M5 8v8.5h3.6v-4.6h2.8v4.6H15V8" />,
  activity: <path {...line} d="M2.5 10.5h3l2.2-6 4 11.5 2.4-5.5h3.4" />,
  settings: (
    <path
      {...line}
      d="M3 6h6.5M14 6h3M3 14h3M10.5 14H17M11.75 3.900a2.1 2.1 0 1 0 0 4.2 2.1 2.1 0 0 0 0-4.200ZM8.25 11.900a2.1 2.1 0 1 0 0 4.2 2.1 2.1 0 0 0 0-4.200Z"
    />
  ),
  help: (
    <>
      <circle {...line} cx="10" cy="10" r="7.2" />
      <path
        {...line}
        d="M7.9 7.900c.2-1.2 1-1.9 2.2-1.9 1.3 0 2.2.8 2.2 1.9 0 1.6-2.2 1.7-2.2 3.5"
      />
      <circle cx="10.1" cy="13.9" r="1" fill="currentColor" />
    </>
  ),
};
