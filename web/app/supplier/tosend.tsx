import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { address } from '../shared/address';
import { graphql } from '../shared/graphql';
import { said, words } from '../shared/language';
import { newKey } from '../shared/store';
import { marks, stages } from '../shared/terms';
import { clock, when } from '../shared/time';
import { Announce } from './announce';
import { announced, type Order, refresh } from './orders';

const w = words({
  title: ['待发货与在途', 'To send and on their way'],
  nothing: ['没有待发货的订单。', 'There is nothing to send.'],
  all: [(n: number) => `全选（${n} 单）`, (n: number) => `All (${n === 1 ? '1 order' : `${n} orders`})`],
  chosen: [(n: number) => `已选 ${n} 单`, (n: number) => `${n} chosen`],
  send: ['所选订单已发出', 'All of these are on their way'],
  announce: ['预告到货', 'Announce a delivery'],
  sent: [(n: number) => `${n} 单已发出。`, (n: number) => (n === 1 ? '1 order is on its way now.' : `${n} orders are on their way now.`)],
  more: [(n: number) => `此处显示最早的 ${n} 单，还有更多。`, (n: number) => `These are the oldest ${n} orders; there are more.`],
  held: ['暂停中', 'held'],
  by: [(n: number, t: string) => `到货 #${n}，${t}`, (n: number, t: string) => `delivery #${n}, ${t}`],
  bags: [(n: number) => `${n} 件`, (n: number) => (n === 1 ? '1 bag' : `${n} bags`)],
  labels: ['打印标签', 'Print labels'],
});

const advance = graphql(`
  mutation OnTheirWay($input: AdvanceOrdersInput!) {
    advanceOrders(input: $input) { moved results { orderId moved userErrors { message } } userErrors { message } }
  }
`);

/** The orders that the supplier has to send or has sent: chosen ones are marked as on their way, or announced with a truck. */
export function ToSend({ orders, more }: { orders: readonly Order[]; more: boolean }) {
  const left = useSignal<ReadonlySet<string>>(new Set()); // not chosen
  const refusals = useSignal<ReadonlyMap<string, string>>(new Map());
  const announcing = useSignal(false);
  const key = useSignal(newKey());
  const doing = useAct();
  const chosen = orders.filter((o) => !left.value.has(o.id));
  const movable = chosen.filter((o) => o.allowedMoves.some((m) => m.to === 'DISPATCHED'));
  const announceable = chosen.filter((o) => !announced(o));

  function choose(id: string, on: boolean) {
    const next = new Set(left.value);
    if (on) next.delete(id);
    else next.add(id);
    left.value = next;
  }

  async function send() {
    const input = { clientMutationId: key.value, to: 'DISPATCHED' as const, orders: movable.map((o) => ({ orderId: o.id, expectedStage: o.stage })) };
    const sent = movable.length;
    await doing.run(async (failed) => {
      const got = (await act(advance, { input }, failed)).advanceOrders;
      refusals.value = new Map(got.results.flatMap((r) => r.userErrors.slice(0, 1).map((e) => [r.orderId, e.message] as const)));
      return got;
    }, () => w.sent(sent));
    key.value = newKey();
    refresh();
  }

  return (
    <section class="stack" id="tosend">
      <h2>{w.title}</h2>
      {more && <p class="note">{w.more(orders.length)}</p>}
      {orders.length === 0 ? <p id="nothing">{w.nothing}</p> : (
        <>
          <label class="choice"><input type="checkbox" id="all" checked={chosen.length === orders.length} onChange={(e) => (left.value = new Set(e.currentTarget.checked ? [] : orders.map((o) => o.id)))} />{w.all(orders.length)}</label>
          <ul class="orders">
            {orders.map((o) => (
              <li key={o.id} data-order={o.number}>
                <label class="choice">
                  <input type="checkbox" checked={!left.value.has(o.id)} onChange={(e) => choose(o.id, e.currentTarget.checked)} />
                  <span><b>#{o.number}</b> {o.address} · {said(stages[o.stage], o.stage)}{o.held && ` · ${w.held}`}<br />
                    <span>{o.lines.map((l) => `${l.item} ${l.quantity} ${l.unit}`).join(said(['，', ', ']))}{o.note && said([`（${o.note}）`, ` (${o.note})`])}</span><br />
                    <small class="faint">{[when(o.placedAt), w.bags(o.bags), ...o.marks.map((m) => said(marks[m], m)), announced(o) && w.by(o.arrival!.number, o.arrival!.expectedAt ? clock(o.arrival!.expectedAt) : '')].filter(Boolean).join(' · ')}</small></span>
                </label>
                <a href={address(`print/labels/${o.id}`)} aria-label={`${w.labels} #${o.number}`}>{w.labels}</a>
                {refusals.value.has(o.id) && <p class="refused" role="alert">{refusals.value.get(o.id)}</p>}
              </li>
            ))}
          </ul>
          <div class="row bar">
            <span role="status">{w.chosen(chosen.length)}</span>
            <button id="send" class="main" disabled={doing.busy.value || movable.length === 0} onClick={send}>{w.send}</button>
            <button id="announce" aria-expanded={announcing.value} disabled={announceable.length === 0} onClick={() => (announcing.value = !announcing.value)}>{w.announce}</button>
          </div>
          <Said of={doing} />
          {announcing.value && announceable.length > 0 && <Announce orders={announceable} close={() => (announcing.value = false)} />}
        </>
      )}
    </section>
  );
}
