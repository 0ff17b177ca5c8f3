import { signal } from '@preact/signals';

import { askList } from '../shared/api';
import { follow } from '../shared/follow';
import { graphql, type ResultOf } from '../shared/graphql';
import { persist } from '../shared/session';

const supplierOrders = graphql(`
  query SupplierOrders($communityId: ID!) {
    sending: orders(communityId: $communityId, filter: { stages: [PLACED, DISPATCHED] }, orderBy: { field: PLACED_AT, direction: ASC }, first: 200) {
      feedCursor
      pageInfo { hasNextPage }
      nodes {
        id number stage stageSince version address placedAt bags marks held note
        lines { id item quantity unit }
        arrival { id number state expectedAt }
        allowedMoves { to }
      }
    }
  }
`);

export const board = graphql(`
  subscription SupplierBoard($communityId: ID!) {
    board(communityId: $communityId) { at deliveredToday stages { stage count } }
  }
`);

export type Sending = ResultOf<typeof supplierOrders>;
export type Order = Sending['sending']['nodes'][number];

/** The supplier's orders; null before the first answer. */
export const orders = signal<Sending | null>(null);

let again: () => void = () => {};

/** Reads the orders soon, such as after an act of this page. */
export const refresh = () => again();

/** Keeps the orders true. Returns a function that stops it. */
export function followOrders(communityId: string): () => void {
  let over = false;
  const { soon, stop } = follow(communityId, async () => {
    const got = await persist(() => askList(supplierOrders, { communityId }));
    if (!over) orders.value = got;
    return got.sending.feedCursor;
  });
  again = soon;
  return () => {
    over = true;
    orders.value = null; // what one supplier saw is not left for the next
    stop();
  };
}

/** Whether a truck of the supplier that is not counted yet brings the order. */
export const announced = (o: Order) => o.arrival !== null && (o.arrival.state === 'ANNOUNCED' || o.arrival.state === 'ARRIVED');
