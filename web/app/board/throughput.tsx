import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Chart } from './chart';

import { ask } from '../shared/api';
import { language, words } from '../shared/language';
import { part } from '../shared/part';
import { now } from '../shared/time';
import { dayStart } from './day';
import { bandOfDay, sixHours } from './operations';

const w = words({
  title: ['今日入户进度与昨日', 'At the door: today and yesterday'],
  today: ['今日', 'Today'],
  yesterday: ['昨日', 'Yesterday'],
  low: ['计划下限', 'Planned, at least'],
  high: ['计划上限', 'at most'],
  sentence: [(hour: number, today: number, then: number) => `到 ${hour} 点：今日 ${today}，昨日 ${then}`, (hour: number, today: number, then: number) => `By ${hour}:00 ${today} today, ${then} yesterday`],
  loading: ['正在载入…', 'Loading…'],
});

const hour = 3_600_000;
const every = 2 * 60_000; // ms between two reads of the present hours

type Days = { today: (number | null)[]; yesterday: (number | null)[]; low: number[]; high: number[] };

type Band = readonly { at: string; low: number; high: number }[];

// hourly returns what the band says for the end of each hour of the day that starts then; empty without a plan.
function hourly(band: Band, start: number, of: 'low' | 'high'): number[] {
  if (band.length === 0) return [];
  return Array.from({ length: 25 }, (_, h) => band.findLast((p) => Date.parse(p.at) <= start + h * hour)?.[of] ?? 0);
}

// sum turns the numbers of hours into those until the end of each hour; null is an hour that is not over.
function sum(hours: readonly (number | null)[]): (number | null)[] {
  let total = 0;
  return [0, ...hours.map((n) => (n === null ? null : (total += n)))];
}

async function read(community: string, from: number, quarter: number): Promise<number[]> {
  const t = (i: number) => new Date(from + (quarter * 6 + i) * hour).toISOString();
  const d = await ask(sixHours, { c: community, t0: t(0), t1: t(1), t2: t(2), t3: t(3), t4: t(4), t5: t(5), t6: t(6) });
  return [d.h0, d.h1, d.h2, d.h3, d.h4, d.h5].map((h) => h.totalCount);
}

/** How many orders were handed over until each hour, today and yesterday: counted by the list of orders, a quarter of the day at a time. */
export function Throughput({ community }: { community: string }) {
  const days = useSignal<Days | null>(null);
  const refused = useSignal('');
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const counts = new Map<string, number[]>(); // of quarters of a day, by day and quarter; at most eight
    const load = async () => {
      const start = dayStart();
      const at = Math.floor((now.peek() - start) / hour); // the present hour
      try {
        for (const key of counts.keys()) if (!key.startsWith(`${start} `) && !key.startsWith(`${start - 24 * hour} `)) counts.delete(key);
        for (const day of [start - 24 * hour, start]) {
          for (let q = 0; q < 4; q++) {
            const key = `${day} ${q}`;
            const settled = counts.has(key) && (day < start || (q + 1) * 6 <= at - 1); // an hour later, few are undone
            if (settled || (day === start && q * 6 > at)) continue;
            counts.set(key, await read(community, day, q));
            if (over) return;
          }
        }
        const plan = await ask(bandOfDay, { c: community }).catch(() => null); // the numbers stand without the plan
        if (over) return;
        const band: Band = plan?.planAgainstActual?.band ?? [];
        const of = (day: number) => [0, 1, 2, 3].flatMap((q) => counts.get(`${day} ${q}`) ?? Array<number>(6).fill(0));
        days.value = { today: sum(of(start).map((n, i) => (i <= at ? n : null))), yesterday: sum(of(start - 24 * hour)), low: hourly(band, start, 'low'), high: hourly(band, start, 'high') };
        refused.value = '';
      } catch (e) {
        refused.value = e instanceof Error ? e.message : String(e);
      }
      if (!over) timer = setTimeout(() => void load(), every);
    };
    timer = setTimeout(() => void load(), 500); // the numbers come first
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [community]);

  const d = days.value;
  const at = d ? d.today.findLastIndex((n) => n !== null) - 1 : 0;
  return (
    <section class="stack throughput" aria-labelledby="throughput">
      <h2 id="throughput">{w.title}</h2>
      {refused.value && !d && <p class="refused">{refused}</p>}
      {!d && !refused.value && <p class="faint">{w.loading}</p>}
      {d && <><p>{w.sentence(Math.max(0, at), d.today[Math.max(0, at)] ?? 0, d.yesterday[Math.max(0, at)] ?? 0)}</p><Drawing days={d} /></>}
    </section>
  );
}

/** The chart, whose library is loaded when there is something to draw. The sentence above says the same in words. */
function Drawing({ days }: { days: Days }) {
  const place = useRef<HTMLDivElement>(null);
  const names = `${language.value}`;
  useEffect(() => {
    let over = false;
    let chart: Chart | undefined;
    void part(() => import('./chart')).then(({ draw }) => {
      if (!over && place.current) chart = draw(place.current, w.today, w.yesterday, days.today, days.yesterday, days.low.length > 0 ? { names: [w.low, w.high], low: days.low, high: days.high } : null);
    }).catch(() => {}); // without the chart there is the sentence
    return () => {
      over = true;
      chart?.destroy();
    };
  }, [days, names]);
  return <div class="chart" ref={place} aria-hidden />;
}
