import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { said, words } from '../shared/language';
import { marks } from '../shared/terms';
import { countOf, type Entries, type Entry, saidOf } from './entries';
import type { Row } from './operations';
import { Pad } from './pad';

const w = words({
  building: [(orders: number, bags: number) => `${orders} 单，${bags} 袋`, (orders: number, bags: number) => `${orders === 1 ? '1 order' : `${orders} orders`}, ${bags === 1 ? '1 bag' : `${bags} bags`}`],
  bags: [(n: number) => `${n} 袋`, (n: number) => (n === 1 ? '1 bag' : `${n} bags`)],
  came: [(n: number, of: number) => `到 ${n} / ${of} 袋`, (n: number, of: number) => `${n} of ${of} came`],
});

/** How the counts of a list are entered. */
export type Counts = { entries: Entries; ticks: boolean; begin: () => void; change: (row: Row, entry: Entry | null) => void };

const order = new Intl.Collator('en', { numeric: true }).compare;

/** The orders of a truck by building. With counts the number of each order opens a pad, and orders that are not all here can be ticked. */
export function List({ rows, counts }: { rows: readonly Row[]; counts?: Counts }) {
  const active = useSignal<string | null>(null); // the order whose pad is open
  const codes = [...new Set(rows.map((r) => r.order.building?.code ?? ''))].sort(order);
  return (
    <div class="buildings">
      {codes.map((code) => {
        const here = rows.filter((r) => (r.order.building?.code ?? '') === code).sort((a, b) => order(a.order.label, b.order.label) || a.order.number - b.order.number);
        return (
          <section key={code} class="building" data-building={code}>
            <h3>{code} <span class="faint">{w.building(here.length, here.reduce((sum, r) => sum + r.announced, 0))}</span></h3>
            <ul>{here.map((r) => <Line key={r.order.id} row={r} counts={counts} open={active.value === r.order.id} toggle={(on) => (active.value = on ? r.order.id : null)} />)}</ul>
          </section>
        );
      })}
    </div>
  );
}

function Line({ row, counts, open, toggle }: { row: Row; counts: Counts | undefined; open: boolean; toggle: (on: boolean) => void }) {
  const { order: o, announced } = row;
  const number = useRef<HTMLButtonElement>(null);
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!open) return;
    line.current?.scrollIntoView({ block: 'nearest' });
    if (document.activeElement === number.current) line.current?.querySelector<HTMLElement>('.pad')?.focus(); // digits of a keyboard go to the pad at once
  }, [open]);
  const name = <span>#{o.number} · {o.label} {o.marks.map((m) => <b key={m}>{said(marks[m], m)} </b>)}</span>;
  if (!counts) return <li class="order">{name}<span>{w.bags(announced)}</span></li>;

  const entry = countOf(row, counts.entries);
  const differs = said(saidOf({ missing: Math.max(0, announced - entry.received), extra: Math.max(0, entry.received - announced), damaged: entry.damaged }));
  return (
    <li ref={line} class="order" data-order={o.number}>
      {counts.ticks && announced > 0
        ? (
          <label class="row"><input type="checkbox" data-number={o.number} checked={entry.received < announced} onInput={(e) => {
            counts.change(row, { received: e.currentTarget.checked ? 0 : announced, damaged: 0 });
            toggle(e.currentTarget.checked && announced > 1);
          }} />{name}</label>
        )
        : name}
      <button ref={number} type="button" class="number" aria-expanded={open} onClick={() => {
        if (!open) counts.begin();
        toggle(!open);
      }}><span class="aside">#{o.number} </span>{w.came(entry.received, announced)}</button>
      {differs && <b class="differs refused">{differs}</b>}
      {open && (
        <Pad order={`#${o.number}`} announced={announced} entry={entry} change={(next) => counts.change(row, next)} close={() => {
          toggle(false);
          number.current?.focus();
        }} />
      )}
    </li>
  );
}
