import type { JSX, TargetedKeyboardEvent, TargetedMouseEvent, TargetedToggleEvent } from "preact";

/** One thing that can be done. */
export interface MenuItem {
  readonly label: string;
  readonly onChoose: () => void;
}

export interface MenuButtonProps {
  /** Names the menu within the page. */
  readonly id: string;
  readonly label: string;
  readonly items: readonly MenuItem[];
}

/** Three dots, and what opens under them. Arrow keys move in it; Escape, or a click elsewhere, closes it. */
export const MenuButton = ({ id, label, items }: MenuButtonProps): JSX.Element => (
  <>
    <button
      type="button"
      class="more"
      aria-label={label}
      aria-haspopup="menu"
      popovertarget={id}
      onClick={place}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
        <circle cx="3" cy="8" r="1.4" />
        <circle cx="8" cy="8" r="1.4" />
        <circle cx="13" cy="8" r="1.4" />
      </svg>
    </button>
    <div
      id={id}
      class="menu"
      popover="auto"
      role="menu"
      aria-label={label}
      onToggle={focusFirst}
      onKeyDown={move}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          popovertarget={id}
          popovertargetaction="hide"
          onClick={item.onChoose}
        >
          {item.label}
        </button>
      ))}
    </div>
  </>
);

/** Between the button and its menu, in pixels of the page. */
const gapPx = 4;

/** Puts the menu under its button; over it where the button stands low. The browser opens it after the click. */
const place = ({ currentTarget: button }: TargetedMouseEvent<HTMLButtonElement>): void => {
  const menu = button.popoverTargetElement;
  if (!(menu instanceof HTMLElement)) return;
  const { top, bottom, right } = button.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isLow = bottom > height * 0.6;
  menu.style.right = `${String(width - right)}px`;
  menu.style.top = isLow ? "auto" : `${String(bottom + gapPx)}px`;
  menu.style.bottom = isLow ? `${String(height - top + gapPx)}px` : "auto";
};

const focusFirst = ({ currentTarget: menu }: TargetedToggleEvent<HTMLElement>): void => {
  if (!menu.matches(":popover-open")) return;
  itemsOf(menu)[0]?.focus();
  // It would stay behind where its button goes.
  addEventListener("scroll", () => menu.hidePopover(), { once: true });
};

const move = (event: TargetedKeyboardEvent<HTMLElement>): void => {
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item === document.activeElement);
  const next = places[event.key]?.(at, items.length);
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
};

/** The place to go to from a place, by what was pressed. */
const places: Readonly<Partial<Record<string, (at: number, count: number) => number>>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

const itemsOf = (menu: HTMLElement): readonly HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>("[role=menuitem]"),
];
