import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { graphql } from '../shared/graphql';
import { said, words } from '../shared/language';
import { newKey } from '../shared/store';
import { marks } from '../shared/terms';
import { clock, now } from '../shared/time';
import { me } from '../shared/viewer';
import { most, type Order, refresh } from './orders';
import { instantOf, localOf } from '../shared/zoned';

const w = words({
  title: [(n: number) => `预告 ${n} 单的到货`, (n: number) => `Announce a delivery of ${n === 1 ? '1 order' : `${n} orders`}`],
  when: ['预计到达时间', 'When the truck will be at the gate'],
  vehicle: ['车牌（可不填）', 'Number plate (optional)'],
  phone: ['司机电话（可不填）', "The driver's telephone (optional)"],
  bags: [(n: number) => `#${n} 件数`, (n: number) => `Bags of #${n}`],
  send: ['预告', 'Announce'],
  done: [(n: number, dock: number | null) => `已预告，到货 #${n}${dock ? `，${dock} 号位` : ''}。`, (n: number, dock: number | null) => `Delivery #${n} is announced${dock ? `, dock ${dock}` : ''}.`],
  rest: [(n: number) => `一辆车最多 1,000 单，先预告最早的；其余 ${n} 单请随另一辆车预告。`, (n: number) => `A truck takes 1,000 orders at most, so the oldest are announced. Announce the other ${n} with another truck.`],
  free: ['该时段已满，可选：', 'That slot is full. Free slots:'],
});

const announce = graphql(`
  mutation Announce($input: AnnounceArrivalInput!) {
    announceArrival(input: $input) {
      arrival { id number slotAt dock }
      results { orderId userErrors { message } }
      userErrors { message reason details { free } }
    }
  }
`);

type Mark = Order['marks'][number];
const handling: readonly Mark[] = ['COLD', 'HEAVY', 'MEDICINE', 'FRAGILE'];

/** Announces a truck with orders, each with its bags and the handling that they need: of more orders than a truck takes, the first. */
export function Announce({ orders: all, close }: { orders: readonly Order[]; close: () => void }) {
  const orders = all.slice(0, most);
  const set = useSignal<string | null>(null);
  const at = set.value ?? localOf(now.value + 3_600_000); // in an hour, until another time is set
  const vehicle = useSignal('');
  const phone = useSignal('');
  const packed = useSignal<Record<string, { bags: number; marks: Mark[] }>>({});
  const free = useSignal<readonly string[]>([]);
  const refusals = useSignal<ReadonlyMap<string, string>>(new Map());
  const key = useSignal(newKey());
  const doing = useAct();
  const of = (o: Order) => packed.value[o.id] ?? { bags: o.bags, marks: [...o.marks] };
  const pack = (o: Order, part: Partial<{ bags: number; marks: Mark[] }>) => (packed.value = { ...packed.value, [o.id]: { ...of(o), ...part } });

  async function send(e: Event) {
    e.preventDefault();
    const input = {
      clientMutationId: key.value, supplierId: me.value!.supplier!.id, expectedAt: instantOf(at), vehicle: vehicle.value.trim(), driverPhone: phone.value.trim(),
      orders: orders.map((o) => ({ orderId: o.id, bags: of(o).bags, marks: of(o).marks })),
    };
    let told: (() => string) | null = null;
    const done = await doing.run(async (failed) => {
      const got = (await act(announce, { input }, failed)).announceArrival;
      free.value = got.userErrors.flatMap((u) => u.details?.free ?? []);
      refusals.value = new Map(got.results.flatMap((r) => r.userErrors.slice(0, 1).map((u) => [r.orderId ?? '', u.message] as const)));
      const { number, dock } = got.arrival ?? {};
      if (number !== undefined) told = () => w.done(number, dock ?? null);
      return got;
    });
    key.value = newKey();
    refresh();
    if (done) {
      doing.said.value = told;
      setTimeout(close, 1_500);
    }
  }

  return (
    <form class="panel stack" id="announcement" onSubmit={send}>
      <h3>{w.title(orders.length)}</h3>
      {all.length > orders.length && <p class="note">{w.rest(all.length - orders.length)}</p>}
      <label>{w.when}<input type="datetime-local" id="at" required value={at} onInput={(e) => (set.value = e.currentTarget.value)} /></label>
      {free.value.length > 0 && (
        <div class="row" id="free"><span>{w.free}</span>{free.value.map((f) => <button key={f} type="button" onClick={() => (set.value = localOf(Date.parse(f)))}>{clock(f)}</button>)}</div>
      )}
      <label>{w.vehicle}<input id="vehicle" maxLength={32} value={vehicle} onInput={(e) => (vehicle.value = e.currentTarget.value)} /></label>
      <label>{w.phone}<input type="tel" maxLength={20} value={phone} onInput={(e) => (phone.value = e.currentTarget.value)} /></label>
      <ul class="orders">
        {orders.map((o) => (
          <li key={o.id}>
            <span><b>#{o.number}</b> {o.address}</span>
            <label class="bags">{w.bags(o.number)}<input type="number" min={1} max={200} required value={of(o).bags} onInput={(e) => pack(o, { bags: Number(e.currentTarget.value) })} /></label>
            <span class="row">
              {handling.map((m) => <label key={m} class="choice"><input type="checkbox" checked={of(o).marks.includes(m)} onChange={(e) => pack(o, { marks: e.currentTarget.checked ? [...of(o).marks, m] : of(o).marks.filter((x) => x !== m) })} />{said(marks[m], m)}</label>)}
            </span>
            {refusals.value.has(o.id) && <p class="refused" role="alert">{refusals.value.get(o.id)}</p>}
          </li>
        ))}
      </ul>
      <button class="main" disabled={doing.busy}>{w.send}</button>
      <Said of={doing} />
    </form>
  );
}
