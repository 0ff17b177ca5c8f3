import { signal } from '@preact/signals';

import { askList } from '../shared/api';
import { follow } from '../shared/follow';
import { graphql, type ResultOf } from '../shared/graphql';
import { persist } from '../shared/session';
import { wait } from '../shared/store';

const supplierOrders = graphql(`
  query SupplierOrders($communityId: ID!, $stage: Stage!, $after: String) {
    orders(communityId: $communityId, filter: { stages: [$stage] }, orderBy: { field: PLACED_AT, direction: ASC }, first: 200, after: $after) {
      feedCursor
      pageInfo { hasNextPage endCursor }
      nodes {
        id number stage address placedAt bags marks held note
        lines { id item quantity unit }
        arrival { id number state expectedAt }
        allowedMoves { to }
      }
    }
  }
`);

export type Order = ResultOf<typeof supplierOrders>['orders']['nodes'][number];

/** A list as far as it is shown: the oldest orders of a stage, and whether there are more. */
export type List = { orders: readonly Order[]; more: boolean };

/** The stages that the supplier works on. Each has a list of its own, so orders on their way leave room for those to send. */
export type Working = 'PLACED' | 'DISPATCHED';

/** The supplier's orders to send and on their way; null before the first answer. */
export const lists = signal<Readonly<Record<Working, List>> | null>(null);

/** How many orders one call takes: of advanceOrders, and of a truck. */
export const most = 1_000;

const pages: Record<Working, number> = { PLACED: 1, DISPATCHED: 1 }; // how many of each list are shown
const apart = 1_000; // ms between two readings for each page beyond the first of both lists

let again: () => void = () => {};

/** Reads the orders soon, such as after an act of this page. */
export const refresh = () => again();

/** Shows 200 more orders of a list. */
export function showMore(stage: Working) {
  pages[stage]++;
  refresh();
}

/** Keeps the orders true: reads the pages that are shown, the more the less often. Returns a function that stops it. */
export function followOrders(communityId: string): () => void {
  let over = false;
  let began = -Infinity; // by performance.now
  let number = 0;
  let newest = 0; // the reading that is shown; an older answer is dropped
  let hurry = false; // a person waits for it
  let waiting: Promise<string> | null = null;

  async function list(stage: Working) {
    const orders: Order[] = [];
    let first = '';
    for (let page = 1, after: string | null = null; ; page++) {
      const got: ResultOf<typeof supplierOrders>['orders'] = await persist(async () => (await askList(supplierOrders, { communityId, stage, after })).orders);
      first ||= got.feedCursor;
      orders.push(...got.nodes);
      const { hasNextPage: more, endCursor } = got.pageInfo;
      if (over || !more || page >= pages[stage]) return { orders, more, feedCursor: first };
      after = endCursor;
    }
  }
  // An order that is sent between the two lists is read twice, not missed; the feed goes on after the first.
  async function read(): Promise<string> {
    const mine = ++number;
    began = performance.now();
    hurry = false;
    const PLACED = await list('PLACED');
    const DISPATCHED = await list('DISPATCHED');
    if (!over && mine > newest) {
      newest = mine;
      lists.value = { PLACED, DISPATCHED };
    }
    return PLACED.feedCursor;
  }
  const { soon, stop } = follow(communityId, () => {
    const rest = began + apart * (pages.PLACED + pages.DISPATCHED - 2) - performance.now();
    if (hurry || !(rest > 0)) return read();
    return (waiting ??= wait(rest).then(() => {
      waiting = null;
      return read();
    }));
  });
  again = () => {
    hurry = true;
    soon();
  };
  return () => {
    over = true;
    lists.value = null; // what one supplier saw is not left for the next
    pages.PLACED = pages.DISPATCHED = 1;
    stop();
  };
}

/** Whether a truck of the supplier that is not counted yet brings the order. */
export const announced = (o: Order) => o.arrival !== null && (o.arrival.state === 'ANNOUNCED' || o.arrival.state === 'ARRIVED');
