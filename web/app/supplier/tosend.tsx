import { type Signal, useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { Announce } from './announce';
import { Choice, useChoice } from './choice';
import { announced, type List, most, refresh, type Working } from './orders';

const w = words({
  title: ['待发货', 'To send'],
  nothing: ['没有待发货的订单。', 'There is nothing to send.'],
  send: ['所选订单已发出', 'All of these are on their way'],
  sent: [(n: number) => `${n} 单已发出。`, (n: number) => (n === 1 ? '1 order is on its way now.' : `${n} orders are on their way now.`)],
  coming: ['在路上', 'On their way'],
  none: ['没有在路上的订单。', 'No order is on its way.'],
  announce: ['预告到货', 'Announce a delivery'],
});

const advance = graphql(`
  mutation OnTheirWay($input: AdvanceOrdersInput!) {
    advanceOrders(input: $input) { moved results { orderId moved userErrors { message } } userErrors { message } }
  }
`);

/** Of which list a truck is being announced. One form is open at a time. */
export type Announcing = Signal<Working | null>;
type ListProps = { list: List; announcing: Announcing };

/** The orders that the supplier has to send: chosen ones are marked as on their way, or announced with a truck. */
export function ToSend({ list, announcing }: ListProps) {
  const refusals = useSignal<ReadonlyMap<string, string>>(new Map());
  const key = useSignal(newKey());
  const doing = useAct();
  const choice = useChoice(list.orders);
  const movable = choice.chosen.filter((o) => o.allowedMoves.some((m) => m.to === 'DISPATCHED'));

  // A call takes 1,000 orders; more go in several.
  async function send() {
    const orders = movable.map((o) => ({ orderId: o.id, expectedStage: o.stage }));
    await doing.run(async (failed) => {
      const results: ResultOf<typeof advance>['advanceOrders']['results'][number][] = [];
      let userErrors: readonly { message: string }[] = [];
      for (let i = 0; i < orders.length && userErrors.length === 0; i += most) {
        const input = { clientMutationId: `${key.value}-${i}`, to: 'DISPATCHED' as const, orders: orders.slice(i, i + most) };
        const got = (await act(advance, { input }, failed)).advanceOrders;
        results.push(...got.results);
        userErrors = got.userErrors;
      }
      refusals.value = new Map(results.flatMap((r) => r.userErrors.slice(0, 1).map((e) => [r.orderId, e.message] as const)));
      return { userErrors, results };
    }, () => w.sent(orders.length));
    key.value = newKey();
    refresh();
  }

  return (
    <section class="stack" id="tosend">
      <h2>{w.title}</h2>
      {list.orders.length === 0 ? <p id="nothing">{w.nothing}</p> : (
        <Choice list={list} stage="PLACED" of={choice} refusals={refusals.value}>
          <button id="send" class="main" disabled={doing.busy.value || movable.length === 0} onClick={send}>{w.send}</button>
          <AnnounceButton stage="PLACED" announcing={announcing} orders={choice.chosen.filter((o) => !announced(o))} />
        </Choice>
      )}
      <Said of={doing} />
      <AnnounceForm stage="PLACED" announcing={announcing} orders={choice.chosen.filter((o) => !announced(o))} />
    </section>
  );
}

/** The orders that are on their way to the gate: those of no open truck are chosen and announced with one. */
export function Coming({ list, announcing }: ListProps) {
  const choice = useChoice(list.orders.filter((o) => !announced(o)));
  return (
    <section class="stack" id="coming">
      <h2>{w.coming}</h2>
      {list.orders.length === 0 ? <p>{w.none}</p> : (
        <Choice list={list} stage="DISPATCHED" of={choice}><AnnounceButton stage="DISPATCHED" announcing={announcing} orders={choice.chosen} /></Choice>
      )}
      <AnnounceForm stage="DISPATCHED" announcing={announcing} orders={choice.chosen} />
    </section>
  );
}

type AnnounceProps = { stage: Working; announcing: Announcing; orders: List['orders'] };

const AnnounceButton = ({ stage, announcing, orders }: AnnounceProps) => (
  <button class="announce" aria-expanded={announcing.value === stage} disabled={orders.length === 0} onClick={() => (announcing.value = announcing.value === stage ? null : stage)}>{w.announce}</button>
);

const AnnounceForm = ({ stage, announcing, orders }: AnnounceProps) => (announcing.value === stage && orders.length > 0 ? <Announce orders={orders} close={() => announcing.value === stage && (announcing.value = null)} /> : null);
