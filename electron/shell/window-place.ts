import type { Rectangle } from "electron";

/** Where a window was when it was last seen, on all screens together. */
export interface Place extends Rectangle {
  readonly isMaximized: boolean;
}

/** So much of a window's upper edge has to be on a screen for a person to get hold of it, in pixels. */
const gripPx = { width: 80, height: 32 };

/** A place as it is remembered. */
export const placeText = ({ x, y, width, height, isMaximized }: Place): string =>
  JSON.stringify({ x, y, width, height, isMaximized });

/**
 * The place that was remembered, where it can be had again: screens come and go. It is no larger than its screen.
 * Undefined where nothing is remembered, or nobody could get hold of a window there.
 */
export const rememberedPlace = (
  text: string | undefined,
  screens: readonly Rectangle[],
): Place | undefined => {
  const place = parsed(text);
  const screen = place && screens.find((each) => holds(each, place));
  if (place === undefined || screen === undefined) return undefined;
  const { width, height } = place;
  return {
    ...place,
    width: Math.min(width, screen.width),
    height: Math.min(height, screen.height),
  };
};

const holds = (screen: Rectangle, { x, y, width }: Place): boolean => {
  const left = Math.max(x, screen.x);
  const right = Math.min(x + width, screen.x + screen.width);
  const isLevel = y >= screen.y && y + gripPx.height <= screen.y + screen.height;
  return isLevel && right - left >= gripPx.width;
};

const parsed = (text: string | undefined): Place | undefined => {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isPlace(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isPlace = (value: unknown): value is Place => {
  if (typeof value !== "object" || value === null) return false;
  const { x, y, width, height, isMaximized } = value as Partial<Record<keyof Place, unknown>>;
  return [x, y, width, height].every(Number.isSafeInteger) && typeof isMaximized === "boolean";
};
