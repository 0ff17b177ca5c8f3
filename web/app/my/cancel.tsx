import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { type Order, refresh } from './orders';

const w = words({
  sure: ['确定取消这个订单吗？取消后不能恢复。', 'Cancel this order? This cannot be undone.'],
  yes: ['确定取消', 'Yes, cancel it'],
  no: ['不取消', 'No, keep it'],
});

const cancelOrder = graphql(`
  mutation Cancel($input: CancelOrderInput!) {
    cancelOrder(input: $input) { results { orderId moved userErrors { message } } userErrors { message } }
  }
`);

/** Asks on the page itself before it cancels an order. */
export function Cancel({ order, close }: { order: Order; close: () => void }) {
  const key = useSignal(newKey());
  const doing = useAct();
  async function send() {
    const input = { clientMutationId: key.value, orders: [{ orderId: order.id }], reason: 'HOUSEHOLD_ASKED' as const };
    const done = await doing.run(async (failed) => (await act(cancelOrder, { input }, failed)).cancelOrder);
    key.value = newKey();
    if (!done) return;
    refresh();
    close();
  }
  return (
    <div class="panel stack cancel" role="group" aria-label={w.sure}>
      <p>{w.sure}</p>
      <Said of={doing} />
      <div class="row">
        <button class="danger yes" disabled={doing.busy} onClick={send}>{w.yes}</button>
        <button class="no" disabled={doing.busy} onClick={close}>{w.no}</button>
      </div>
    </div>
  );
}
