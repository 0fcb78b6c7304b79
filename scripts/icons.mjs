// Draws the icons: PNG and ICO files beside their SVG sources in electron/shell/icons. Run it after a change of an SVG.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { programPath } from "./command.mjs";

const usual = fileURLToPath(new URL("../electron/shell/icons", import.meta.url));
const folder = parseArgs({ options: { folder: { type: "string", default: usual } } }).values.folder;

/**
 * What is drawn of a state of the tray. `grid` is the SVG whose lines fall on whole pixels at that size: `NAME.svg` has
 * 16 units, `NAME.22.svg` 22. Panels of Linux are given the one of two that suits the display's density.
 */
const trayDrawings = [
  { end: "-22.png", grid: ".22", width: 22 },
  { end: "-44.png", grid: ".22", width: 44 },
  // macOS takes the alpha channel of a template, and its own colour.
  { end: "Template.png", grid: "", width: 16, color: "#000" },
  { end: "Template@2x.png", grid: "", width: 32, color: "#000" },
];

/** The widths that Windows takes out of one file: 16 and 32 units at 100 to 200 percent. */
const trayIcoWidths = [16, 20, 24, 32, 40, 48, 64];

const appWidths = [16, 24, 32, 48, 64, 128, 256, 512];

/** An ICO file has no more than 256. */
const appIcoWidths = appWidths.filter((width) => width <= 256);

/** Draws an SVG of one colour, its own or another, as a PNG. */
async function drawn(page, svg, width, color) {
  const coloured = color === undefined ? svg : svg.replace(/ color="[^"]*"/, ` color="${color}"`);
  await page.setViewportSize({ width, height: width });
  await page.setContent(
    `<style>*{margin:0}svg{display:block;width:${width}px;height:${width}px}</style>${coloured}`,
  );
  return page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width, height: width } });
}

/** An ICO file of PNGs: a header, a row of 16 bytes for each, and then they themselves. */
function icoOf(images) {
  const head = Buffer.alloc(6 + images.length * 16);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { width, png }] of images.entries()) {
    const row = 6 + index * 16;
    // 256 does not fit into a byte: it is written as 0.
    head.writeUInt8(width % 256, row);
    head.writeUInt8(width % 256, row + 1);
    head.writeUInt16LE(1, row + 4);
    head.writeUInt16LE(32, row + 6);
    head.writeUInt32LE(png.length, row + 8);
    head.writeUInt32LE(offset, row + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

async function drawIco(page, svg, name, widths) {
  const images = [];
  for (const width of widths) images.push({ width, png: await drawn(page, svg, width) });
  await writeFile(join(folder, `${name}.ico`), icoOf(images));
}

async function drawApp(page) {
  const svg = await readFile(join(folder, "app.svg"), "utf8");
  for (const width of appWidths) {
    await writeFile(join(folder, `app-${width}.png`), await drawn(page, svg, width));
  }
  await drawIco(page, svg, "app", appIcoWidths);
}

async function drawTray(page, name) {
  const grids = new Map();
  for (const grid of ["", ".22"]) {
    grids.set(grid, await readFile(join(folder, `${name}${grid}.svg`), "utf8"));
  }
  for (const { end, grid, width, color } of trayDrawings) {
    await writeFile(
      join(folder, `${name}${end}`),
      await drawn(page, grids.get(grid), width, color),
    );
  }
  await drawIco(page, grids.get(""), name, trayIcoWidths);
}

const executablePath = programPath("chromium");
if (executablePath === undefined) {
  console.error("Chromium draws the icons, and is not here. Run: npm run setup demo");
  process.exit(1);
}
const asRoot = process.platform === "linux" && process.getuid() === 0;
const browser = await chromium.launch({ executablePath, args: asRoot ? ["--no-sandbox"] : [] });
try {
  const files = await readdir(folder);
  for (const file of files.filter((each) => /\.(?:png|ico)$/.test(each))) {
    await rm(join(folder, file));
  }
  const page = await browser.newPage();
  await drawApp(page);
  for (const file of files) {
    const [, name] = /^(.+)\.22\.svg$/.exec(file) ?? [];
    if (name !== undefined) await drawTray(page, name);
  }
} finally {
  await browser.close();
}
