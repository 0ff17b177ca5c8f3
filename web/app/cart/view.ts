import { type Act, open } from '../shared/outbox';
import type { Ready, Run, Sorted } from './operations';

/** An order as the cart shows it, with the bags that it carries of it. */
export type Order = Pick<Sorted, 'id' | 'number' | 'label' | 'bags' | 'held'> & { building: { id: string } };

/** What an act of this page does to the cart. */
export type Deed =
  | { kind: 'start'; capacity: number }
  | { kind: 'load'; bin: Ready; orders: Order[] }
  | { kind: 'depart' }
  | { kind: 'drop'; building: string; left: string[] | null; stays: number }
  | { kind: 'report' }
  | { kind: 'finish' };

/** A building that the cart goes to. orders are those that it carries there; null if they are not known. */
export type Stop = { id: string; code: string; bags: number; orders: Order[] | null };
export type Cart = { id: string | null; number: number | null; opener: Act | null; underway: boolean; capacity: number; bags: number; stops: Stop[] };

const moment = 1_500; // ms until the newest state has arrived after an answer

const sum = (orders: readonly Order[]) => orders.reduce((n, o) => n + o.bags, 0);

/** The orders on carts that a volunteer loaded last. */
export function loadedBy(volunteer: string | undefined, all: readonly Sorted[]): Sorted[] {
  return all.filter((o) => !o.bin && o.history.findLast((e) => e.kind === 'ORDER_LOADED')?.by.id === volunteer);
}

/** What a cart with room for so many bags takes of a bin: the oldest first, as many as fit, nothing that is held. */
export function fitting(bin: string, all: readonly Sorted[], room: number): Order[] {
  const out: Order[] = [];
  for (const o of all) {
    if (o.bin?.id !== bin || o.held || o.bags > room) continue;
    out.push(o);
    room -= o.bags;
  }
  return out;
}

/** The volunteer's cart and the bins that are left, with what was done since the server said how it is. known are the sorted orders. */
export function view(run: Run | null, bins: readonly Ready[], at: number, acts: readonly Act[], known: readonly Sorted[], own: string | undefined): { cart: Cart | null; bins: Ready[] } {
  const carried = new Map<string, Order>(run ? loadedBy(own, known).map((o) => [o.id, o]) : []);
  let cart: Cart | null = run && {
    id: run.id, number: run.number, opener: null, underway: run.state === 'UNDERWAY', capacity: run.capacity, bags: run.bags,
    stops: run.stops.map((s) => ({ id: s.building.id, code: s.building.code, bags: s.bagsLoaded - (s.bagsLeft ?? 0), orders: null })),
  };
  let left = [...bins];
  for (const a of acts) {
    if (a.page !== 'cart' || a.state === 'refused' || (!open(a) && at >= a.answeredAt! + moment)) continue;
    const deed = a.detail as Deed;
    switch (deed.kind) {
      case 'start':
        cart ??= { id: (a.answer?.['run'] as { id: string } | null)?.id ?? null, number: null, opener: a, underway: false, capacity: deed.capacity, bags: 0, stops: [] };
        break;
      case 'load': {
        if (!cart) break;
        left = left.filter((b) => b.bin.id !== deed.bin.bin.id);
        for (const o of deed.orders ?? []) carried.set(o.id, o);
        if (!open(a)) break; // the run says it
        const { id, code } = deed.bin.bin.building;
        const bags = Math.min(deed.bin.bags, cart.capacity - cart.bags);
        cart.bags += bags;
        const stop = cart.stops.find((s) => s.id === id);
        if (stop) stop.bags += bags;
        else cart.stops.push({ id, code, bags, orders: null });
        break;
      }
      case 'depart':
        if (cart) cart.underway = true;
        break;
      case 'drop': {
        const stop = cart?.stops.find((s) => s.id === deed.building);
        for (const o of [...carried.values()]) if (o.building.id === deed.building && (deed.left?.includes(o.id) ?? true)) carried.delete(o.id);
        if (!cart || !stop) break;
        const stays = Math.min(stop.bags, deed.stays ?? 0); // also after the answer, until the run says it: nothing changes if it does already
        cart.bags -= stop.bags - stays;
        stop.bags = stays;
        break;
      }
      case 'report':
        break;
      case 'finish':
        cart = null;
    }
  }
  for (const s of cart?.stops ?? []) {
    const orders = [...carried.values()].filter((o) => o.building.id === s.id);
    s.orders = sum(orders) === s.bags ? orders : null; // else the list is older than the count, or another person loaded some
  }
  return { cart, bins: left };
}
