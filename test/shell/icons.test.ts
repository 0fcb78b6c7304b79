import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Icon } from "../../electron/protocol/headline.ts";
import { iconFileOf } from "../../electron/shell/icon-file.ts";

const folder = join(import.meta.dirname, "..", "..", "electron", "shell", "icons");
const states: readonly Icon[] = ["signed-in", "attention", "offline", "signing-in"];

const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));

/** The width, the height and the pixels as RGBA of a PNG with 8 bits a channel, as our script writes them. */
const decoded = (png: Buffer): { width: number; height: number; pixels: Buffer } => {
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect([...png.subarray(24, 26)]).toEqual([8, 6]);
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const end = at + 8 + png.readUInt32BE(at);
    if (png.subarray(at + 4, at + 8).toString() === "IDAT") parts.push(png.subarray(at + 8, end));
  }
  const rows = inflateSync(Buffer.concat(parts));
  const stride = width * 4;
  const pixels = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < 4 ? 0 : pixels[y * stride + x - 4]!;
      const up = y === 0 ? 0 : pixels[(y - 1) * stride + x]!;
      const corner = x < 4 || y === 0 ? 0 : pixels[(y - 1) * stride + x - 4]!;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[y * stride + x] = rows[y * (stride + 1) + 1 + x]! + guess;
    }
  }
  return { width, height, pixels };
};

const paeth = (left: number, up: number, corner: number): number => {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((each) => Math.abs(guess - each)) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
};

/** The pictures in an ICO file, by their width. */
const inIco = (ico: Buffer): ReadonlyMap<number, Buffer> =>
  new Map(
    Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
      const row = 6 + index * 16;
      const offset = ico.readUInt32LE(row + 12);
      const png = ico.subarray(offset, offset + ico.readUInt32LE(row + 8));
      return [ico.readUInt8(row) || 256, png];
    }),
  );

const alphaOf = (png: Buffer): number[] => [...decoded(png).pixels].filter((_, at) => at % 4 === 3);

test.each(states)(
  "%s is there for the tray of each platform, in the size that it takes",
  (icon) => {
    const widths = [
      ["linux", false, 22],
      ["linux", true, 44],
      ["darwin", false, 16],
    ] as const;
    for (const [platform, isDense, width] of widths) {
      const { width: found, height } = decoded(bytesOf(iconFileOf(icon, platform, isDense)));
      expect([found, height]).toEqual([width, width]);
    }
    expect(decoded(bytesOf(`${icon}Template@2x.png`)).width).toBe(32);
    const pictures = inIco(bytesOf(iconFileOf(icon, "win32", false)));
    expect([...pictures.keys()]).toEqual([16, 20, 24, 32, 40, 48, 64]);
    for (const [width, png] of pictures) expect(decoded(png).width).toBe(width);
  },
);

test("macOS colours a template itself: its pixels are black, and differ in how much they cover", () => {
  for (const icon of states) {
    const { pixels } = decoded(bytesOf(iconFileOf(icon, "darwin", false)));
    expect([...pixels].every((value, at) => at % 4 === 3 || value === 0)).toBe(true);
    expect(new Set(alphaOf(bytesOf(`${icon}Template.png`))).size).toBeGreaterThan(1);
  }
});

test("the four states are told apart without colour, also at the smallest size", () => {
  const shapes = states.map((icon) => alphaOf(bytesOf(`${icon}Template.png`)));
  for (const [index, one] of shapes.entries()) {
    for (const other of shapes.slice(index + 1)) {
      const apart = one.reduce((sum, alpha, at) => sum + Math.abs(alpha - other[at]!), 0) / 255;
      // Of 256 pixels so many are covered in one and free in the other.
      expect(apart).toBeGreaterThan(28);
    }
  }
});

test.each(states)("the colour of %s stands out of light and of dark panels", (icon) => {
  for (const grid of ["", ".22"]) {
    const [, colour = ""] =
      / color="#([0-9a-f]{6})"/.exec(bytesOf(`${icon}${grid}.svg`).toString()) ?? [];
    expect(contrast(colour, "f6f5f4")).toBeGreaterThanOrEqual(3);
    expect(contrast(colour, "2d2d2d")).toBeGreaterThanOrEqual(3);
  }
});

/** The contrast of two colours, as WCAG 2 has it; of a picture's parts it asks for 3. */
const contrast = (one: string, other: string): number => {
  const [light, dark] = [lightness(one), lightness(other)].sort((a, b) => b - a) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
};

const lightness = (hex: string): number =>
  [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
    const value = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16) / 255;
    return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  }, 0);

test("the app's own icon is there in the sizes of launchers, and as one file for Windows", () => {
  const widths = [16, 24, 32, 48, 64, 128, 256, 512];
  for (const width of widths) expect(decoded(bytesOf(`app-${width}.png`)).width).toBe(width);
  expect([...inIco(bytesOf("app.ico")).keys()]).toEqual(widths.slice(0, -1));
});
