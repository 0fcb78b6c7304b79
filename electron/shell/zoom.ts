/** The sizes at which the window's page can be shown; 1 is the size that it is made for. */
const factors = [0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

/** What is pressed on a keyboard, as Electron tells it. */
export interface Press {
  readonly type: string;
  readonly key: string;
  readonly control: boolean;
  readonly meta: boolean;
  readonly alt: boolean;
}

/** The size that a person asks for by these keys; undefined where they ask for none. `isMac`: the key is Command there. */
export const zoomAfter = (factor: number, press: Press, isMac: boolean): number | undefined => {
  const holds = isMac ? press.meta : press.control;
  if (press.type !== "keyDown" || !holds || press.alt) return undefined;
  switch (press.key) {
    case "+":
    case "=":
      return factors.find((next) => next > factor) ?? factor;
    case "-":
    case "_":
      return factors.findLast((next) => next < factor) ?? factor;
    case "0":
      return 1;
    default:
      return undefined;
  }
};

/** The size that was remembered; the usual one where nothing is, or nonsense. */
export const rememberedZoom = (text: string | undefined): number =>
  factors.find((factor) => String(factor) === text) ?? 1;
