import 'uplot/dist/uPlot.min.css';

import uPlot from 'uplot';

/** How a line is drawn, as its sample in the legend is: it tells lines apart without colour. */
export type Stroke = 'solid' | 'dashed' | 'dotted' | 'double';
/** A line of a plot. */
export type Line = { label: string; values: readonly (number | null)[]; width?: number; stroke?: Stroke; accent?: boolean };
/** What to plot: lines over the same x, whose ticks are named by `tick`. `band` fills between two lines, the upper one first. */
export type Picture = { x: readonly number[]; lines: readonly Line[]; band?: [upper: number, lower: number]; tick: (x: number) => string; height?: number };
export type Plot = { destroy: () => void };

const dashes: Readonly<Record<Stroke, number[]>> = { solid: [], dashed: [8, 5], dotted: [2, 4], double: [14, 3, 2, 3] };

/** Draws a picture, which follows the width of its place. */
export function plot(into: HTMLElement, { x, lines, band, tick, height = 220 }: Picture): Plot {
  const style = getComputedStyle(into);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const ink = style.color;
  const axis: uPlot.Axis = { stroke: ink, grid: { stroke: colour('--rule'), width: 1 }, ticks: { stroke: colour('--rule'), width: 1 }, size: 55 };
  const size = () => ({ width: Math.max(200, into.clientWidth), height });
  const drawn = new uPlot({
    ...size(),
    scales: { x: { time: false } },
    cursor: { show: false },
    legend: { show: true, live: false, markers: { width: 3, fill: 'transparent', dash: (_, i) => lines[i - 1]?.stroke ?? 'solid' } },
    axes: [{ ...axis, size: 30, values: (_, ticks) => ticks.map((t) => tick(t)) }, axis],
    series: [{}, ...lines.map((l): uPlot.Series => ({ label: l.label, stroke: l.accent ? colour('--accent') : ink, width: l.width ?? 2, dash: dashes[l.stroke ?? 'solid'], points: { show: false } }))],
    ...(band && { bands: [{ series: [band[0] + 1, band[1] + 1] as [number, number], fill: `${colour('--accent')}33` }] }),
  }, [[...x], ...lines.map((l) => [...l.values])], into);
  const resized = new ResizeObserver(() => drawn.setSize(size()));
  resized.observe(into);
  return {
    destroy() {
      resized.disconnect();
      drawn.destroy();
    },
  };
}
