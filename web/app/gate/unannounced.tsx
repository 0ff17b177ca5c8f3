import { useSignal } from '@preact/signals';

import { useRead } from '../shared/api';
import { words } from '../shared/language';
import { add } from '../shared/outbox';
import { announce, coming, sellers } from './operations';

const w = words({
  title: ['没有预告的车', 'A truck that was not announced'],
  whose: ['哪家商超的车', 'Which supplier'],
  choose: ['请选择', 'Please choose'],
  vehicle: ['车牌（可不填）', 'Number plate (optional)'],
  which: ['车上有哪些订单？已发货的已勾选。', 'Which orders are on it? Orders that are on their way are ticked.'],
  none: ['这家商超没有还未到的订单，送来的袋子请登记为无主件。', 'No order of this supplier is still to come. Log its bags as strays.'],
  here: [(n: number) => `车到了，${n} 单`, (n: number) => (n === 1 ? 'Arrived with 1 order' : `Arrived with ${n} orders`)],
  loading: ['正在载入，需要网络…', 'Loading. This needs the network…'],
});

/** Checks in a truck that was not announced, with the orders that it brings. It is then counted as other trucks are. */
export function Unannounced({ community }: { community: string }) {
  const open = useSignal(false);
  return (
    <details id="unannounced" open={open.value} onToggle={(e) => (open.value = e.currentTarget.open)}>
      <summary>{w.title}</summary>
      {open.value && <Form community={community} done={() => (open.value = false)} />}
    </details>
  );
}

function Form({ community, done }: { community: string; done: () => void }) {
  const supplier = useSignal('');
  const vehicle = useSignal('');
  const changed = useSignal<Readonly<Record<string, boolean>>>({});
  const all = useRead(sellers, { community }).value;
  const read = useRead(coming, supplier.value ? { community, suppliers: [supplier.value] } : null).value;
  const shops = all.data?.suppliers.nodes ?? [];
  const orders = supplier.value ? (read.data?.orders.nodes ?? []).filter((o) => !o.arrival || !['ANNOUNCED', 'ARRIVED'].includes(o.arrival.state)) : [];
  const on = (o: { id: string; stage: string }) => changed.value[o.id] ?? o.stage === 'DISPATCHED';
  const ticked = orders.filter(on);
  return (
    <form class="stack" onSubmit={(e) => {
      e.preventDefault();
      const name = shops.find((s) => s.id === supplier.value)?.name ?? '';
      void add(announce, {
        page: 'gate', input: { supplierId: supplier.value, vehicle: vehicle.value.trim(), orders: ticked.map((o) => ({ orderId: o.id })) },
        says: [`${name}的车到了，没有预告`, `A truck of ${name} came unannounced`], parts: ticked.map((o) => [`#${o.number}`, `#${o.number}`] as const), detail: { truck: '', state: null },
      });
      done();
    }}>
      <label for="whose">{w.whose}</label>
      <select id="whose" required value={supplier} onChange={(e) => (supplier.value = e.currentTarget.value)}>
        <option value="">{w.choose}</option>
        {shops.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
      </select>
      {(all.error ?? read.error) && <p class="refused" role="status">{all.error ?? read.error}</p>}
      {supplier.value && !read.data && !read.error && <p role="status">{w.loading}</p>}
      {supplier.value && read.data && orders.length === 0 && <p>{w.none}</p>}
      {orders.length > 0 && (
        <fieldset class="stack">
          <legend>{w.which}</legend>
          {orders.map((o) => <label key={o.id} class="row"><input type="checkbox" checked={on(o)} onInput={(e) => (changed.value = { ...changed.value, [o.id]: e.currentTarget.checked })} /><span>#{o.number} · {o.label}</span></label>)}
        </fieldset>
      )}
      <label for="plate">{w.vehicle}</label>
      <input id="plate" maxLength={32} value={vehicle} onInput={(e) => (vehicle.value = e.currentTarget.value)} />
      <button class="main" disabled={!supplier.value || !read.data}>{w.here(ticked.length)}</button>
    </form>
  );
}
