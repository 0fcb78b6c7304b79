import type { ElectronApplication } from "playwright-core";

/** How two pictures differ. */
export interface Difference {
  readonly sameSize: boolean;
  /** How much of them looks different, of 1. */
  readonly share: number;
}

/**
 * Compares two PNGs by the mean colours of squares: letters are drawn a little differently on every machine, which
 * hardly changes those; what has moved, is missing or has another colour does.
 */
export const differenceOf = (
  app: ElectronApplication,
  seen: Buffer,
  expected: Buffer,
): Promise<Difference> =>
  app.evaluate(
    ({ nativeImage }, pair) => {
      const squarePx = 8;
      const leastStep = 24;
      const [one, other] = pair.map((png) => {
        const image = nativeImage.createFromBuffer(Buffer.from(png, "base64"));
        const { width, height } = image.getSize();
        const small = image.resize({
          width: Math.ceil(width / squarePx),
          height: Math.ceil(height / squarePx),
          quality: "best",
        });
        return { width, height, colours: small.toBitmap() };
      });
      if (one === undefined || other === undefined) return { sameSize: false, share: 1 };
      if (one.width !== other.width || one.height !== other.height) {
        return { sameSize: false, share: 1 };
      }
      let different = 0;
      for (let at = 0; at < one.colours.length; at += 4) {
        const isOther = [0, 1, 2].some(
          (channel) =>
            Math.abs((one.colours[at + channel] ?? 0) - (other.colours[at + channel] ?? 0)) >
            leastStep,
        );
        if (isOther) different += 1;
      }
      return { sameSize: true, share: different / (one.colours.length / 4) };
    },
    [seen.toString("base64"), expected.toString("base64")],
  );
