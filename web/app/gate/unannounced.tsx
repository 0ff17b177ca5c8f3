import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { ask, useRead } from '../shared/api';
import type { ResultOf } from '../shared/graphql';
import { words } from '../shared/language';
import { add } from '../shared/outbox';
import { announce, coming, sellers } from './operations';

const w = words({
  title: ['没有预告的车', 'A truck that was not announced'],
  whose: ['哪家商超的车', 'Which supplier'],
  choose: ['请选择', 'Please choose'],
  vehicle: ['车牌（可不填）', 'Number plate (optional)'],
  which: ['车上有哪些订单？已发货的已勾选，只有勾选的算在车上。', 'Which orders are on it? Orders that are on their way are ticked. Only what is ticked counts.'],
  find: ['按订单号或房号找', 'Find an order number or a room'],
  total: [(n: string, shown: number) => `这家商超还有 ${n} 单未到，以下 ${shown} 单不在别的车上，先下单的在前。`, (n: string, shown: number) => `${n === '1' ? '1 order of this supplier is' : `${n} orders of this supplier are`} still to come. ${shown === 1 ? 'This one is' : `These ${shown} are`} on no other truck, the oldest first.`],
  found: [(n: string, shown: number) => `找到 ${n} 单，以下 ${shown} 单不在别的车上。`, (n: string, shown: number) => `${n} found. ${shown === 1 ? 'This one is' : `These ${shown} are`} on no other truck.`],
  more: ['再显示一些', 'Show more'],
  elsewhere: [(list: string) => `另外勾选了：${list}`, (list: string) => `Ticked as well: ${list}`],
  none: ['这家商超没有还未到的订单，送来的袋子请登记为无主件。', 'No order of this supplier is still to come. Log its bags as strays.'],
  notFound: ['没有找到。', 'None was found.'],
  here: [(n: number) => `车到了，${n} 单`, (n: number) => (n === 1 ? 'Arrived with 1 order' : `Arrived with ${n} orders`)],
  most: ['一辆车最多 1,000 单。', 'A truck takes 1,000 orders at most.'],
  loading: ['正在载入，需要网络…', 'Loading. This needs the network…'],
});

type Order = ResultOf<typeof coming>['orders']['nodes'][number];

const most = 1_000; // orders of one truck
const calm = 300; // ms after a key before the list is searched

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
  const all = useRead(sellers, { community }).value;
  const ticked = useSignal<ReadonlyMap<string, Order>>(new Map());
  const listed = useSignal(false); // the list of the chosen supplier is on the page
  const shops = all.data?.suppliers.nodes ?? [];
  const orders = [...ticked.value.values()];
  const full = orders.length > most;
  return (
    <form class="stack" onSubmit={(e) => {
      e.preventDefault();
      const name = shops.find((s) => s.id === supplier.value)?.name ?? '';
      void add(announce, {
        page: 'gate', input: { supplierId: supplier.value, vehicle: vehicle.value.trim(), orders: orders.map((o) => ({ orderId: o.id })) },
        says: [`${name}的车到了，没有预告`, `A truck of ${name} came unannounced`], parts: orders.map((o) => [`#${o.number}`, `#${o.number}`] as const), detail: { truck: '', state: null },
      });
      done();
    }}>
      <label for="whose">{w.whose}</label>
      <select id="whose" required value={supplier} onChange={(e) => {
        supplier.value = e.currentTarget.value;
        ticked.value = new Map();
        listed.value = false;
      }}>
        <option value="">{w.choose}</option>
        {shops.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
      </select>
      {all.error && <p class="refused" role="status">{all.error}</p>}
      {supplier.value && <Coming key={supplier.value} community={community} supplier={supplier.value} ticked={ticked.value} tick={(next) => (ticked.value = next)} listed={() => (listed.value = true)} />}
      <label for="plate">{w.vehicle}</label>
      <input id="plate" maxLength={32} value={vehicle} onInput={(e) => (vehicle.value = e.currentTarget.value)} />
      {full && <p class="refused" role="alert">{w.most}</p>}
      <button class="main" disabled={!supplier.value || !listed.value || full}>{w.here(orders.length)}</button>
    </form>
  );
}

type Ticks = ReadonlyMap<string, Order>;

/** What a supplier has still to bring, a part at a time or searched, to tick what is on the truck. What is ticked stays ticked while the list changes. */
function Coming({ community, supplier, ticked, tick, listed }: { community: string; supplier: string; ticked: Ticks; tick: (next: Ticks) => void; listed: () => void }) {
  const text = useSignal('');
  const list = useSignal<readonly Order[] | null>(null);
  const total = useSignal('');
  const next = useSignal<string | null>(null);
  const problem = useSignal('');
  const offered = useSignal<ReadonlySet<string>>(new Set()); // the list has shown them once: what the person left out stays left out
  const asked = useSignal(0); // the newest reading; an older answer is dropped

  const now = useRef(ticked);
  now.current = ticked;

  async function read(after: string | null) {
    const mine = ++asked.value;
    const searched = text.value.trim();
    try {
      const { orders } = await ask(coming, { community, suppliers: [supplier], text: searched || null, after });
      if (mine !== asked.value) return;
      const fresh = orders.nodes.filter((o) => !o.arrival || !['ANNOUNCED', 'ARRIVED'].includes(o.arrival.state));
      list.value = after ? [...list.value ?? [], ...fresh] : fresh;
      total.value = `${orders.totalCount}${orders.totalCountExact ? '' : '+'}`;
      next.value = orders.pageInfo.hasNextPage ? orders.pageInfo.endCursor : null;
      problem.value = '';
      listed();
      if (searched) return;
      tick(new Map([...now.current, ...fresh.filter((o) => o.stage === 'DISPATCHED' && !offered.value.has(o.id)).map((o) => [o.id, o] as const)]));
      offered.value = new Set([...offered.value, ...fresh.map((o) => o.id)]);
    } catch (e) {
      if (mine === asked.value) problem.value = e instanceof Error ? e.message : String(e);
    }
  }
  useEffect(() => {
    const timer = setTimeout(() => void read(null), list.peek() ? calm : 0);
    return () => clearTimeout(timer);
  }, [text.value]);

  const shown = list.value;
  const elsewhere = [...ticked.values()].filter((o) => !shown?.some((s) => s.id === o.id));
  return (
    <div class="stack">
      <label for="find">{w.find}</label>
      <input id="find" type="search" autocomplete="off" maxLength={80} value={text} onInput={(e) => (text.value = e.currentTarget.value)} />
      {problem.value && <p class="refused" role="status">{problem}</p>}
      {!shown && !problem.value && <p role="status">{w.loading}</p>}
      {shown && (
        <>
          <p id="coming" role="status">{shown.length > 0 ? (text.value.trim() ? w.found(total.value, shown.length) : w.total(total.value, shown.length)) : text.value.trim() ? w.notFound : w.none}</p>
          {shown.length > 0 && (
            <fieldset class="stack">
              <legend>{w.which}</legend>
              {shown.map((o) => (
                <label key={o.id} class="row"><input type="checkbox" data-number={o.number} checked={ticked.has(o.id)} onInput={(e) => {
                  const changed = new Map(ticked);
                  if (e.currentTarget.checked) changed.set(o.id, o);
                  else changed.delete(o.id);
                  tick(changed);
                }} /><span>#{o.number} · {o.label}</span></label>
              ))}
            </fieldset>
          )}
          {next.value && <p><button type="button" class="further" onClick={() => void read(next.value)}>{w.more}</button></p>}
          {elsewhere.length > 0 && <p class="faint">{w.elsewhere(elsewhere.map((o) => `#${o.number}`).join(' '))}</p>}
        </>
      )}
    </div>
  );
}
