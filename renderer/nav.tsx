import type { JSX } from "preact";
import type { Page } from "../electron/protocol/pages.ts";
import { NavIcon } from "./nav-icon.tsx";
import { useWords } from "./words-context.ts";

export interface NavProps {
  readonly pages: readonly Page[];
  readonly shown: Page;
  readonly onGo: (page: Page) => void;
}

/** The ways to the pages: at the side, or above where the window is narrow. */
export const Nav = ({ pages, shown, onGo }: NavProps): JSX.Element => {
  const { nav } = useWords().texts;
  return (
    <nav class="nav" aria-label={nav.pages}>
      {pages.map((page) => (
        <button
          key={page}
          type="button"
          aria-current={page === shown ? "page" : undefined}
          onClick={() => onGo(page)}
        >
          <NavIcon page={page} />
          <span>{nav[page]}</span>
        </button>
      ))}
    </nav>
  );
};
