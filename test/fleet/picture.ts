import { dayS, type Figures, peakOf } from "./figures.ts";

const hourS = 3_600;
const width = 960;
const panelHeight = 110;
const left = 56;
const right = 16;
const top = 44;
const gapBetween = 34;

/** One line of the picture: a fleet, and what it is called. */
export interface Panel {
  readonly title: string;
  readonly figures: Figures;
}

/**
 * The requests a second of each fleet over the hours of its days, in one SVG that is readable on light and on dark ground.
 * Each point is the highest ten seconds of its ten minutes; each panel has a scale of its own, with the budget drawn in.
 */
export const pictureOf = (panels: readonly Panel[], days: number): string => {
  const height = top + panels.length * (panelHeight + gapBetween);
  const drawn = panels.map((panel, index) =>
    panelOf(panel, days, top + index * (panelHeight + gapBetween)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Requests a second over ${days} days">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #24292f }
.axis { stroke: #8c959f; stroke-width: 1 }
.all { fill: none; stroke: #9aa4ae; stroke-width: 1 }
.background { fill: none; stroke: #0969da; stroke-width: 1.5 }
.budget { stroke: #cf222e; stroke-width: 1; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
text { fill: #8d96a0 } .title { fill: #e6edf3 } .background { stroke: #4493f8 } .budget { stroke: #f85149 }
}
</style>
<text x="${left}" y="18"><tspan fill="#0969da">━</tspan> nobody waits <tspan fill="#9aa4ae">━</tspan> all <tspan fill="#cf222e">┅</tspan> three times the mean of working hours; the highest ten seconds of each ten minutes</text>
${drawn.join("\n")}
</svg>
`;
};

const panelOf = ({ title, figures }: Panel, days: number, y: number): string => {
  const budget = 3 * figures.meanInWorkingHours;
  const highest = Math.max(peakOf(figures.all).rate, budget) * 1.05;
  const x = (second: number): number => left + (second / (days * dayS)) * (width - left - right);
  const up = (rate: number): number => y + panelHeight * (1 - rate / highest);
  const dayLines = Array.from({ length: days }, (_, day) => {
    const name = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day % 7] ?? "";
    return `<text x="${round(x((day + 0.5) * dayS))}" y="${y + panelHeight + 15}" text-anchor="middle">${name}</text><line class="axis" x1="${round(x(day * dayS))}" x2="${round(x(day * dayS))}" y1="${y + panelHeight}" y2="${y + panelHeight + 5}"/>`;
  });
  return `<text class="title" x="${left}" y="${y - 6}">${title}</text>
<text x="${left - 6}" y="${round(up(highest) + 10)}" text-anchor="end">${Math.round(highest)}/s</text>
<text x="${left - 6}" y="${y + panelHeight}" text-anchor="end">0</text>
<line class="axis" x1="${left}" x2="${width - right}" y1="${y + panelHeight}" y2="${y + panelHeight}"/>
${dayLines.join("")}
<line class="budget" x1="${left}" x2="${width - right}" y1="${round(up(budget))}" y2="${round(up(budget))}"/>
<path class="all" d="${lineOf(figures.all, x, up)}"/>
<path class="background" d="${lineOf(figures.background, x, up)}"/>`;
};

const lineOf = (
  seconds: Uint32Array,
  x: (second: number) => number,
  up: (rate: number) => number,
): string => {
  const step = hourS / 6;
  const points: string[] = [];
  for (let from = 0; from < seconds.length; from += step) {
    const { rate } = peakOf(seconds.subarray(from, from + step));
    points.push(`${round(x(from + step / 2))} ${round(up(rate))}`);
  }
  return `M${points.join("L")}`;
};

const round = (value: number): number => Math.round(value * 10) / 10;
