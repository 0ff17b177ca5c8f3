import 'uplot/dist/uPlot.min.css';

import uPlot from 'uplot';

export type Chart = { destroy: () => void };

/** The band in which a plan expects the numbers, with the names of its edges. */
export type Planned = { names: readonly [string, string]; low: readonly number[]; high: readonly number[] };

/**
 * Draws two days as lines over their hours: today solid, yesterday dashed, so that colour is not what tells them apart. Behind them is the band of the plan, if there is
 * one, between dotted lines.
 */
export function draw(into: HTMLElement, today: string, yesterday: string, a: readonly (number | null)[], b: readonly (number | null)[], plan: Planned | null): Chart {
  const style = getComputedStyle(into);
  const ink = style.color;
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = { stroke: ink, grid: { stroke: colour('--rule'), width: 1 }, ticks: { stroke: colour('--rule'), width: 1 }, size: 55 };
  const size = () => ({ width: Math.max(200, into.clientWidth), height: Math.min(180, Math.round(innerHeight * 0.14)) });
  const plot = new uPlot({
    ...size(),
    scales: { x: { time: false } },
    cursor: { show: false },
    legend: { show: true, live: false },
    axes: [{ ...axis, size: 30, values: (_, ticks) => ticks.map((h) => `${h}`) }, axis],
    series: [
      {},
      { label: today, stroke: colour('--accent'), width: 3, points: { show: false } },
      { label: yesterday, stroke: ink, width: 2, dash: [6, 6], points: { show: false } },
      ...(plan ? plan.names.map((label) => ({ label, stroke: ink, width: 1, dash: [1, 4], points: { show: false } })) : []),
    ],
    ...(plan ? { bands: [{ series: [4, 3] as [number, number], fill: colour('--rule') }] } : {}),
  }, [Array.from(a, (_, i) => i), [...a], [...b], ...(plan ? [[...plan.low], [...plan.high]] : [])] as uPlot.AlignedData, into);
  const resized = new ResizeObserver(() => plot.setSize(size()));
  resized.observe(into);
  return {
    destroy() {
      resized.disconnect();
      plot.destroy();
    },
  };
}
