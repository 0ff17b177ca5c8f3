import { useMemo } from 'preact/hooks';

import { Drawing } from '../shared/drawing';
import { language } from '../shared/language';
import type { Picture } from '../shared/plot';
import { Table } from '../shared/table';
import { clockOf, daysOf, hoursOf } from './answer';
import type { Answer, Comparison } from './operations';
import { post, w } from './terms';

/** Two scenarios side by side: what the second gains in one sentence, the numbers of both, and their medians over the day. */
export function Compared({ of, names }: { of: Comparison; names: [string, string] }) {
  const both = [of.first, of.second];
  const row = (name: string, cell: (a: Answer) => string | number) => [name, ...both.map(cell)];
  const at = (a: Answer, time: string | null) => (time ? clockOf(a, time) : '—');
  return (
    <section class="stack compared" id="compared" aria-labelledby="compared-title">
      <h2 id="compared-title">{w.compared}</h2>
      <p>{w.firstIs(names[0])}<br />{w.secondIs(names[1])}</p>
      <p id="difference">{of.sentence}</p>
      <Table id="sides" label={w.compared} head={[w.number, names[0], names[0] === names[1] ? `${names[1]} (2)` : names[1]]} rows={[
        row(w.howMany, (a) => a.orders),
        row(w.inTime, (a) => w.days(daysOf(a, a.chanceAllBy), a.replications)),
        row(w.clearHalf, (a) => at(a, a.clearMedian)),
        row(w.clearMost, (a) => at(a, a.clearP95)),
        row(w.mean2, (a) => w.minutes(a.gateToDoorMinutes.toFixed(1))),
        ...of.first.stations.map((s, i) => row(w.longest(post(s.post)), (a) => w.orders(Math.round(a.stations[i]?.queuePeak ?? 0)))),
      ]} />
      <Medians of={of} names={names} />
    </section>
  );
}

function Medians({ of, names }: { of: Comparison; names: [string, string] }) {
  const picture = useMemo((): Picture => {
    const points = [of.first, of.second].map((a) => new Map(a.band.map((p) => [hoursOf(a, p.at), p.median])));
    const all = [...new Set(points.flatMap((p) => [...p.keys()]))].sort((a, b) => a - b);
    const begins = all.findIndex((x) => points.some((p) => (p.get(x) ?? 0) > 0));
    const x = all.slice(Math.max(0, begins - 1));
    const last = points.map((p) => Math.max(...p.values()));
    const values = (i: number) => {
      let end = false;
      return x.map((at) => {
        const value = points[i]!.get(at);
        end ||= value === last[i];
        return value ?? (end ? last[i]! : null); // after its last delivery it stays
      });
    };
    return { x, tick: (h) => `${Math.floor(h)}:${String(Math.round((h % 1) * 60)).padStart(2, '0')}`, lines: [{ label: names[0], values: values(0), stroke: 'dashed' }, { label: names[1], values: values(1), width: 3, accent: true }] };
  }, [of, names, language.value]);
  return <Drawing of={picture} />;
}
