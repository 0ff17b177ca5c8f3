import { type Act, open } from '../shared/outbox';
import type { Ready, Run } from './operations';

/** What an act of this page does to the cart. */
export type Deed =
  | { kind: 'start'; capacity: number }
  | { kind: 'load'; bin: Ready }
  | { kind: 'depart' }
  | { kind: 'drop'; building: string }
  | { kind: 'finish' };

export type Stop = { id: string; code: string; bags: number };
export type Cart = { id: string | null; number: number | null; opener: Act | null; underway: boolean; capacity: number; bags: number; stops: Stop[] };

const moment = 1_500; // ms until the newest state has arrived after an answer

/** The volunteer's cart and the bins that are left, with what was done since the server said how it is. */
export function view(run: Run | null, bins: readonly Ready[], at: number, acts: readonly Act[]): { cart: Cart | null; bins: Ready[] } {
  let cart: Cart | null = run && {
    id: run.id, number: run.number, opener: null, underway: run.state === 'UNDERWAY', capacity: run.capacity, bags: run.bags,
    stops: run.stops.map((s) => ({ id: s.building.id, code: s.building.code, bags: s.bagsLoaded - (s.bagsLeft ?? 0) })),
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
        if (!open(a)) break; // the run says it
        const { id, code } = deed.bin.bin.building;
        const bags = Math.min(deed.bin.bags, cart.capacity - cart.bags);
        cart.bags += bags;
        const stop = cart.stops.find((s) => s.id === id);
        if (stop) stop.bags += bags;
        else cart.stops.push({ id, code, bags });
        break;
      }
      case 'depart':
        if (cart) cart.underway = true;
        break;
      case 'drop': {
        const stop = cart?.stops.find((s) => s.id === deed.building);
        if (!cart || !stop) break;
        cart.bags -= stop.bags; // also after the answer, until the run says it: nothing if it does already
        stop.bags = 0;
        break;
      }
      case 'finish':
        cart = null;
    }
  }
  return { cart, bins: left };
}
