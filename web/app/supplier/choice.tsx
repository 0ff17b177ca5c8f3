import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

import { address } from '../shared/address';
import { said, words } from '../shared/language';
import { marks } from '../shared/terms';
import { clock, when } from '../shared/time';
import { announced, type List, type Order, showMore, type Working } from './orders';

const w = words({
  all: [(n: number) => `全选（已显示的 ${n} 单）`, (n: number) => `All shown (${n === 1 ? '1 order' : `${n} orders`})`],
  chosen: [(n: number) => `已选 ${n} 单`, (n: number) => `${n} chosen`],
  more: [(n: number) => `此处显示最早的 ${n} 单，还有更多。`, (n: number) => `These are the oldest ${n} orders; there are more.`],
  further: ['再显示 200 单', 'Show 200 more'],
  held: ['暂停中', 'held'],
  by: [(n: number, t: string) => `到货 #${n}，${t}`, (n: number, t: string) => `delivery #${n}, ${t}`],
  bags: [(n: number) => `${n} 件`, (n: number) => (n === 1 ? '1 bag' : `${n} bags`)],
  labels: ['打印标签', 'Print labels'],
});

/** Which of the orders are chosen: all, until a person unticks some; then those that are ticked, and none that are shown later. */
export function useChoice(orders: readonly Order[]) {
  const ticked = useSignal<ReadonlySet<string> | null>(null); // null: all
  const has = (id: string) => ticked.value?.has(id) ?? true;
  return {
    orders,
    chosen: orders.filter((o) => has(o.id)),
    has,
    all: (on: boolean) => (ticked.value = on ? null : new Set()),
    choose(id: string, on: boolean) {
      const next = new Set(ticked.value ?? orders.map((o) => o.id));
      if (on) next.add(id);
      else next.delete(id);
      ticked.value = next;
    },
  };
}

type ChoiceProps = { list: List; stage: Working; of: ReturnType<typeof useChoice>; refusals?: ReadonlyMap<string, string>; children: ComponentChildren };

/** A list of orders to choose from, with the buttons for those that are chosen. What cannot be chosen has no box. */
export function Choice({ list, stage, of, refusals, children }: ChoiceProps) {
  const choosable = new Set(of.orders.map((o) => o.id));
  return (
    <>
      {of.orders.length > 0 && <label class="choice"><input type="checkbox" class="all" checked={of.chosen.length === of.orders.length} onChange={(e) => of.all(e.currentTarget.checked)} />{w.all(of.orders.length)}</label>}
      <ul class="orders">
        {list.orders.map((o) => (
          <li key={o.id} data-order={o.number}>
            {choosable.has(o.id)
              ? <label class="choice"><input type="checkbox" checked={of.has(o.id)} onChange={(e) => of.choose(o.id, e.currentTarget.checked)} /><What of={o} /></label>
              : <div class="choice"><What of={o} /></div>}
            <a href={address(`print/labels/${o.id}`)} aria-label={`${w.labels} #${o.number}`}>{w.labels}</a>
            {refusals?.has(o.id) && <p class="refused" role="alert">{refusals.get(o.id)}</p>}
          </li>
        ))}
      </ul>
      {list.more && <p class="row"><span>{w.more(list.orders.length)}</span><button type="button" class="further" onClick={() => showMore(stage)}>{w.further}</button></p>}
      {of.orders.length > 0 && <div class="row bar"><span role="status">{w.chosen(of.chosen.length)}</span>{children}</div>}
    </>
  );
}

const What = ({ of: o }: { of: Order }) => (
  <span><b>#{o.number}</b> {o.address}{o.held && ` · ${w.held}`}<br />
    <span>{o.lines.map((l) => `${l.item} ${l.quantity} ${l.unit}`).join(said(['，', ', ']))}{o.note && said([`（${o.note}）`, ` (${o.note})`])}</span><br />
    <small class="faint">{[when(o.placedAt), w.bags(o.bags), ...o.marks.map((m) => said(marks[m], m)), announced(o) && w.by(o.arrival!.number, o.arrival!.expectedAt ? clock(o.arrival!.expectedAt) : '')].filter(Boolean).join(' · ')}</small></span>
);
