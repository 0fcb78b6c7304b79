import type { Page } from "../../electron/protocol/pages.ts";
import type { Picture } from "../../electron/protocol/picture.ts";

/** What every page is drawn from. */
export interface PageProps {
  readonly picture: Picture;
  /** The instant to draw, which goes on between two pictures. */
  readonly now: number;
  /** Shows another page. */
  readonly onGo: (page: Page) => void;
}
