import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';

import { type Draft, type Held, type Later, squads, type Truck } from './draft';
import type { Answer } from './operations';
import { squad, w } from './terms';

type Building = { id: string; code: string };
type FormProps = { draft: Signal<Draft>; day: Signal<string>; tomorrow: string; answer: Answer | null; buildings: readonly Building[]; busy: boolean; run: () => void };

/** The scenario: every switch of a rehearsal. What is empty shows, in grey, what was taken from the community. */
export function Form({ draft, day, tomorrow, answer, buildings, busy, run }: FormProps) {
  const d = draft.value;
  const set = (part: Partial<Draft>) => (draft.value = { ...draft.value, ...part });
  const hands = (...posts: string[]) => {
    const found = answer?.stations.filter((s) => posts.includes(s.post)) ?? [];
    return found.length > 0 ? String(found.reduce((sum, s) => sum + s.hands, 0)) : '';
  };
  const settle = answer?.measuredTimes.find((m) => m.step === 'SETTLE');
  const number = (name: keyof Draft & ('orders' | 'duty' | 'supply' | 'carts' | 'cartBags' | 'settle' | 'absent' | 'medicine' | 'cold'), label: string, least: number, most: number, usual: string) => (
    <div>
      <label for={name}>{label}</label>
      <input id={name} type="number" inputMode="numeric" min={least} max={most} step={['absent', 'medicine', 'cold'].includes(name) ? 'any' : 1} placeholder={usual} value={d[name]} onInput={(e) => set({ [name]: e.currentTarget.value })} />
    </div>
  );
  const usualShare = (mark: string) => {
    const found = answer?.classShares.find((c) => c.mark === mark);
    return found ? String(Math.round(found.share * 100)) : '';
  };
  const earlier = Number(d.earlier || 0);
  return (
    <form id="form" class="stack" onSubmit={(e) => {
      e.preventDefault();
      run();
    }}>
      <h2>{w.scenario}</h2>
      <p class="faint">{w.asUsual}</p>
      <div class="fields">
        <div>
          <label for="day">{w.day} {day.value === tomorrow ? w.tomorrow : ''}</label>
          <input id="day" type="date" required value={day.value} onChange={(e) => e.currentTarget.value && (day.value = e.currentTarget.value)} />
        </div>
        {number('orders', w.howMany, 1, 100000, d.trucks.length > 0 ? '' : String(answer?.orders ?? ''))}
        {number('duty', w.duty, 0, 10000, hands('GATE', 'SORTING'))}
        {number('carts', w.carts, 0, 10000, hands('TRANSPORT'))}
        {number('cartBags', w.cartBags, 1, 10000, '20')}
        {number('supply', w.supply, 0, 10000, hands('BUILDING'))}
        {number('settle', w.settle, 0, 2880, settle ? String(Math.round(settle.minutes)) : '')}
        {number('absent', w.absent, 0, 100, '0')}
        {number('medicine', w.medicine, 0, 100, usualShare('MEDICINE'))}
        {number('cold', w.cold, 0, 100, usualShare('COLD'))}
        <div>
          <label for="earlier">{w.earlier}</label>
          <select id="earlier" value={d.earlier} onChange={(e) => set({ earlier: e.currentTarget.value })}>
            <option value="">{w.asAnnounced}</option>
            <option value="60">{w.anHourEarlier}</option>
            <option value="-60">{w.anHourLater}</option>
            {earlier !== 0 && Math.abs(earlier) !== 60 && <option value={d.earlier}>{w.minutesEarlier(earlier)}</option>}
          </select>
        </div>
        <Time id="by" label={w.by} value={d.by} usual="18:00" set={(by) => set({ by })} />
        <label class="tick" for="lifts"><input id="lifts" type="checkbox" checked={d.lifts} onChange={(e) => set({ lifts: e.currentTarget.checked })} />{w.lifts}</label>
        <label class="tick" for="firstCome"><input id="firstCome" type="checkbox" checked={d.firstCome} onChange={(e) => set({ firstCome: e.currentTarget.checked })} />{w.firstCome}</label>
      </div>
      <Rows<Held> id="held" title={w.held} add={w.addHeld} rows={d.held} set={(held) => set({ held })} fresh={() => ({ building: buildings[0]?.id ?? '', from: '16:00', until: '18:00' })} row={(h, change, id) => (
        <>
          <div>
            <label for={`${id}-building`}>{w.building}</label>
            <select id={`${id}-building`} value={h.building} onChange={(e) => change({ building: e.currentTarget.value })}>{buildings.map((b) => <option key={b.id} value={b.id}>{b.code}</option>)}</select>
          </div>
          <Time id={`${id}-from`} label={w.from} value={h.from} needed set={(from) => change({ from })} />
          <Time id={`${id}-until`} label={w.until} value={h.until} needed set={(until) => change({ until })} />
        </>
      )} />
      <Rows<Truck> id="trucks" title={w.trucks} add={w.addTruck} rows={d.trucks} set={(trucks) => set({ trucks })} fresh={() => ({ at: '09:00', orders: '100', bags: '', late: '' })} row={(r, change, id) => (
        <>
          <Time id={`${id}-at`} label={w.at} value={r.at} needed set={(at) => change({ at })} />
          <Count id={`${id}-orders`} label={w.howMany} value={r.orders} least={0} most={100000} needed set={(orders) => change({ orders })} />
          <Count id={`${id}-bags`} label={w.bags} value={r.bags} least={0} most={1000000} set={(bags) => change({ bags })} />
          <Count id={`${id}-late`} label={w.late} value={r.late} least={-1440} most={1440} set={(late) => change({ late })} />
        </>
      )} />
      <Rows<Later> id="later" title={w.later} add={w.addLater} rows={d.later} set={(later) => set({ later })} fresh={() => ({ squad: 'SUPPLY', from: '12:00', hands: '10' })} row={(l, change, id) => (
        <>
          <div>
            <label for={`${id}-squad`}>{w.squad}</label>
            <select id={`${id}-squad`} value={l.squad} onChange={(e) => change({ squad: e.currentTarget.value as Later['squad'] })}>{squads.map((s) => <option key={s} value={s}>{squad(s)}</option>)}</select>
          </div>
          <Time id={`${id}-from`} label={w.from} value={l.from} needed set={(from) => change({ from })} />
          <Count id={`${id}-hands`} label={w.hands} value={l.hands} least={0} most={10000} needed set={(hands) => change({ hands })} />
        </>
      )} />
      <p class="row"><button class="main" id="run" disabled={busy}>{w.run}</button><button type="button" id="print" disabled={!answer} onClick={() => print()}>{w.print}</button></p>
    </form>
  );
}

type TimeProps = { id: string; label: string; value: string; usual?: string; needed?: boolean; set: (value: string) => void };

// A time of the next day, such as 25:00, is a text: browsers' own fields end at 23:59. The field stays one while it is typed in: the browser's would lose what is no time yet.
function Time({ id, label, value, usual = '', needed = false, set }: TimeProps) {
  const was = useRef(false);
  const next = (was.current ||= Number(value.slice(0, 2)) >= 24);
  return (
    <div>
      <label for={id}>{label} {usual && !value && <span class="faint">({usual})</span>}</label>
      <input id={id} type={next ? 'text' : 'time'} required={needed} pattern={next ? '[0-4]?[0-9]:[0-5][0-9]' : undefined} value={value} onInput={(e) => set(e.currentTarget.value)} />
    </div>
  );
}

type CountProps = { id: string; label: string; value: string; least: number; most: number; needed?: boolean; set: (value: string) => void };

const Count = ({ id, label, value, least, most, needed = false, set }: CountProps) => (
  <div>
    <label for={id}>{label}</label>
    <input id={id} type="number" inputMode="numeric" min={least} max={most} step={1} required={needed} value={value} onInput={(e) => set(e.currentTarget.value)} />
  </div>
);

type RowsProps<T> = { id: string; title: string; add: string; rows: readonly T[]; set: (rows: T[]) => void; fresh: () => T; row: (of: T, change: (part: Partial<T>) => void, id: string) => preact.ComponentChildren };

/** A list that rows are added to and removed from. It is open while it has any. */
function Rows<T>({ id, title, add, rows, set, fresh, row }: RowsProps<T>) {
  return (
    <details id={id} class="rows" open={rows.length > 0}>
      <summary>{title}{rows.length > 0 ? ` (${rows.length})` : ''}</summary>
      <ul class="stack">
        {rows.map((r, i) => (
          <li key={i} class="fields">
            {row(r, (part) => set(rows.map((x, j) => (i === j ? { ...x, ...part } : x))), `${id}-${i}`)}
            <button type="button" class="remove" aria-label={`${w.remove}: ${title} ${i + 1}`} onClick={() => set(rows.filter((_, j) => i !== j))}>{w.remove}</button>
          </li>
        ))}
      </ul>
      <p><button type="button" class="add" onClick={() => set([...rows, fresh()])}>{add}</button></p>
    </details>
  );
}
