// Draws the icons: PNGs beside their SVG sources in electron/shell/icons. Run it after a change of an SVG.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { programPath } from "./command.mjs";

const folder = fileURLToPath(new URL("../electron/shell/icons", import.meta.url));

/** One drawing of an SVG: the end of its file's name, its width in pixels, and its one colour where that is not its own. */
const trayDrawings = [
  { suffix: "-16", width: 16 },
  { suffix: "-16@2x", width: 32 },
  { suffix: "-22", width: 22 },
  { suffix: "-22@2x", width: 44 },
  // macOS takes the alpha channel of a template, and its own colour.
  { suffix: "Template", width: 16, color: "#000" },
  { suffix: "Template@2x", width: 32, color: "#000" },
];

const appDrawings = [
  { suffix: "-48", width: 48 },
  { suffix: "-256", width: 256 },
  { suffix: "-512", width: 512 },
];

async function draw(page, name) {
  const svg = await readFile(join(folder, `${name}.svg`), "utf8");
  for (const { suffix, width, color } of name === "app" ? appDrawings : trayDrawings) {
    const coloured = color === undefined ? svg : svg.replace(/ color="[^"]*"/, ` color="${color}"`);
    await page.setViewportSize({ width, height: width });
    await page.setContent(
      `<style>*{margin:0}svg{display:block;width:${width}px;height:${width}px}</style>${coloured}`,
    );
    const clip = { x: 0, y: 0, width, height: width };
    const png = await page.screenshot({ omitBackground: true, clip });
    await writeFile(join(folder, `${name}${suffix}.png`), png);
  }
}

const executablePath = programPath("chromium");
if (executablePath === undefined) {
  console.error("Chromium draws the icons, and is not here. Run: npm run setup demo");
  process.exit(1);
}
const asRoot = process.platform === "linux" && process.getuid() === 0;
const browser = await chromium.launch({ executablePath, args: asRoot ? ["--no-sandbox"] : [] });
try {
  const page = await browser.newPage();
  for (const file of await readdir(folder)) {
    if (file.endsWith(".svg")) await draw(page, file.slice(0, -".svg".length));
  }
} finally {
  await browser.close();
}
