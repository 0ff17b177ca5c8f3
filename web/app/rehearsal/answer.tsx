import { useMemo } from 'preact/hooks';

import { Drawing } from '../shared/drawing';
import { language, words } from '../shared/language';
import type { Picture } from '../shared/plot';
import { Table } from '../shared/table';
import { clock, date } from '../shared/time';
import { type Draft, timeOf } from './draft';
import type { Answer } from './operations';
import { first, post, squad, step, w } from './terms';

const percent = (share: number) => Math.round(share * 100);
/** A share of the simulated days as a number of them. */
export const daysOf = (of: Answer, share: number) => Math.round(share * of.replications);
const tenth = (n: number) => (Math.round(n * 10) / 10).toFixed(1);
const whole = (n: number) => Math.round(n);
/** The time of the day of an instant of the answer, to the nearest minute as the advice has it. */
export const clockOf = (of: Answer, at: string) => timeOf(of.day, new Date(Date.parse(at) + 30_000).toISOString());

/** How the answer says that everything is delivered, in one sentence. */
export const headline = (of: Answer) => `${w.head(clockOf(of, of.by), daysOf(of, of.chanceAllBy), of.replications)}${language.value === 'zh' ? '' : ' '}${of.clearMedian ? w.half(clockOf(of, of.clearMedian)) : w.never}`;

type HeadProps = { of: Answer; name: string | null; place: string; draft: Draft; buildings: readonly { id: string; code: string }[] };

/** The answer of a rehearsal in one sentence, with what it is about. */
export const Head = ({ of, name, place, draft, buildings }: HeadProps) => (
  <section class="stack" id="head">
    <h2 class="heading">{place} {of.day}{name ? ` · ${name}` : ''}</h2>
    <p id="headline" role="status">{headline(of)}</p>
    <p>
      {of.clearP95 && w.most(clockOf(of, of.clearP95))} {w.door(whole(of.gateToDoorMinutes), whole(of.gateToDoorP95Minutes), of.orders)}{' '}
      <span class="faint">{w.interval(daysOf(of, of.chanceLow), daysOf(of, of.chanceHigh), of.replications)}</span>
    </p>
    <Changes of={draft} buildings={buildings} />
  </section>
);

/** Minutes that a change saves, or in words that it costs them. */
const saved = (minutes: number) => (minutes <= -0.05 ? w.costs(w.minutes(tenth(-minutes))) : w.minutes(tenth(Math.max(minutes, 0))));

/** From so many samples on a time is measured: one that is assumed nevertheless was given. */
const enough = 50;
const source = (m: Answer['measuredTimes'][number], settled: boolean) =>
  (!m.assumed ? w.measured(m.sample) : m.sample >= enough || m.step === 'SETTLE' && settled ? w.given : w.assumed(m.sample));

/** Where a share of the orders comes from. */
const shareSource = (c: Answer['classShares'][number], given: string) => (!c.assumed ? w.ofOrders(c.sample) : given.trim() !== '' ? w.given : w.assumed(c.sample));

/** Advice, and the numbers behind the answer to the scenario of the draft. */
export function Answered({ of, draft, printed }: { of: Answer; draft: Draft; printed: string }) {
  const half = of.band.findLast((p) => p.at <= of.by) ?? of.band.at(-1); // instants of one form are in the order of their texts
  return (
    <article class="stack answer" id="answer">
      <section class="stack" aria-labelledby="advice-title">
        <h3 id="advice-title">{w.advice}</h3>
        <ul class="advice" id="advice">{of.advice.map((a) => <li key={a}>{a}</li>)}</ul>
      </section>
      <section class="stack" aria-labelledby="band-title">
        <h3 id="band-title">{w.band}</h3>
        {half && <p>{w.bandSays(clockOf(of, half.at), half.low, half.median, half.high)}</p>}
        <Band of={of} />
      </section>
      <section class="stack" aria-labelledby="queues-title">
        <h3 id="queues-title">{w.queues}</h3>
        <Queues of={of} />
        <Table id="stations" label={w.queues} head={[w.post, w.hands, w.wait, w.wait95, w.peak, w.peakAt, w.busy]}
          rows={of.stations.map((s) => [post(s.post), s.hands, w.minutes(tenth(s.meanWaitMinutes)), w.minutes(tenth(s.p95WaitMinutes)), w.orders(whole(s.queuePeak)), clockOf(of, s.queuePeakAt), `${percent(s.busyShare)} %`])} />
      </section>
      <section class="stack" aria-labelledby="hours-title">
        <h3 id="hours-title">{w.hours}</h3>
        <Table id="hours" label={w.hours} head={[w.hour, w.arrived, w.delivered, ...(of.byHour[0]?.handsNeeded.map((h) => squad(h.squad)) ?? []), w.phone]}
          rows={of.byHour.map((h) => [`${h.hour}:00`, whole(h.arrived), whole(h.delivered), ...h.handsNeeded.map((n) => n.hands), h.phoneHandsNeeded])} />
      </section>
      {of.oneMore.length > 0 && (
        <section class="stack" aria-labelledby="more-title">
          <h3 id="more-title">{w.more}</h3>
          <ul class="advice" id="more">
            {[...of.oneMore].sort((a, b) => b.savesMinutes - a.savesMinutes).map((m) => (
              <li key={m.post}>{m.savesMinutes > Math.max(m.plusMinus, 0.05) ? w.moreSays(where(m.post), `${w.minutes(tenth(m.savesMinutes))} (± ${tenth(m.plusMinus)})`) : w.moreNone(where(m.post))}</li>
            ))}
          </ul>
        </section>
      )}
      {of.whatIfs.length > 0 && (
        <section class="stack" aria-labelledby="whatif-title">
          <h3 id="whatif-title">{w.whatIf}</h3>
          <Table id="whatifs" label={w.whatIf} head={[w.change, w.clear, w.chance, w.saves]}
            rows={of.whatIfs.map((x) => [x.what, x.clearMedian ? clockOf(of, x.clearMedian) : '—', `${percent(x.chanceAllBy)} %`, saved(x.savesMinutes)])} />
        </section>
      )}
      <section class="stack" aria-labelledby="times-title">
        <h3 id="times-title">{w.times}</h3>
        <Table id="times" label={w.times} head={[w.step, w.mean, w.source]}
          rows={of.measuredTimes.filter((m) => m.share > 0).map((m) => [m.share < 1 ? `${step(m.step)} (${percent(m.share)} %)` : step(m.step), w.minutes(m.minutes < 1 ? m.minutes.toFixed(2) : tenth(m.minutes)), source(m, draft.settle !== '')]).concat(of.classShares.map((c) => [first(c.mark), w.firstShare(percent(c.share)), shareSource(c, c.mark === 'COLD' ? draft.cold : draft.medicine)]))} />
        {of.measuredCut && <p class="faint">{w.since(`${date(of.measuredCut)} ${clock(of.measuredCut)}`)}</p>}
      </section>
      <p class="faint printed">{printed}</p>
    </article>
  );
}

const places = words({ GATE: ['门口', 'the gate'], SORTING: ['分拣', 'sorting'], TRANSPORT: ['推车', 'the carts'], BUILDING: ['上楼入户', 'the doors'] });
const where = (name: string) => (name in places ? places[name as keyof typeof places] : name);

/** What the scenario changes, in words: paper shows no form. */
function Changes({ of: d, buildings }: { of: Draft; buildings: HeadProps['buildings'] }) {
  const earlier = Number(d.earlier || 0);
  const said = [
    d.orders && `${w.howMany} ${d.orders}`, d.duty && `${w.duty} ${d.duty}`, d.carts && `${w.carts} ${d.carts}`, d.cartBags && `${w.cartBags} ${d.cartBags}`, d.supply && `${w.supply} ${d.supply}`,
    d.settle && `${w.settle} ${d.settle}`, d.absent && `${w.absent} ${d.absent}`, d.medicine && `${w.medicine} ${d.medicine}`, d.cold && `${w.cold} ${d.cold}`, d.firstCome && w.firstCome, d.lifts && w.lifts, earlier !== 0 && `${w.earlier} ${w.minutesEarlier(earlier)}`, d.by && `${w.by} ${d.by}`,
    ...d.held.map((h) => `${w.held} ${buildings.find((b) => b.id === h.building)?.code ?? ''} ${h.from}–${h.until}`),
    ...d.trucks.map((t) => `${w.at} ${t.at}: ${w.orders(Number(t.orders))}`), ...d.later.map((l) => `${squad(l.squad)} ${l.from}: ${l.hands}`),
  ].filter(Boolean);
  return said.length === 0 ? null : <p id="changes">{w.scenario}{language.value === 'zh' ? '：' : ': '}{said.join(language.value === 'zh' ? '；' : '; ')}</p>;
}

/** Ten minutes as the part of an hour. */
const slot = 1 / 6;
const hour = (x: number) => `${Math.floor(x)}:${String(Math.round((x % 1) * 60)).padStart(2, '0')}`;

function Band({ of }: { of: Answer }) {
  const picture = useMemo((): Picture => {
    const from = Math.max(0, of.band.findIndex((p) => p.high > 0) - 1);
    const band = of.band.slice(from);
    return {
      x: band.map((p) => hoursOf(of, p.at)), tick: hour, band: [0, 2],
      lines: [{ label: w.high, values: band.map((p) => p.high), stroke: 'dotted' }, { label: w.median, values: band.map((p) => p.median), width: 3, accent: true }, { label: w.low, values: band.map((p) => p.low), stroke: 'dashed' }],
    };
  }, [of, language.value]);
  return <Drawing of={picture} />;
}

/** The hours from the day's midnight to an instant. */
export function hoursOf(of: Answer, at: string): number {
  const [h = 0, m = 0] = timeOf(of.day, at).split(':').map(Number);
  return h + m / 60;
}

const strokes = ['solid', 'dashed', 'dotted', 'double'] as const;

function Queues({ of }: { of: Answer }) {
  const picture = useMemo((): Picture => {
    const all = of.stations.map((s) => s.queue);
    const busy = (i: number) => all.some((q) => (q[i] ?? 0) >= 0.05);
    const length = Math.max(...all.map((q) => q.length));
    let from = 0;
    while (from < length && !busy(from)) from++;
    let until = length;
    while (until > from && !busy(until - 1)) until--;
    return {
      x: Array.from({ length: until - from }, (_, i) => (from + i + 1) * slot), tick: hour,
      lines: of.stations.map((s, i) => ({ label: post(s.post), values: Array.from({ length: until - from }, (_, j) => s.queue[from + j] ?? 0), stroke: strokes[i] ?? 'solid', accent: i % 2 === 0, width: i === 3 ? 1.5 : 2.5 })),
    };
  }, [of, language.value]);
  return <Drawing of={picture} />;
}
