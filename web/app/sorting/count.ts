import { heardOf, lastOf } from '../shared/kept';
import type { Order } from './list';

// The bags of an order that were scanned before the order is complete. The contract counts bags and does not say which: so each device counts
// for itself, also over a reload and without a network.
type Counted = Readonly<Record<string, readonly number[]>>;

const counted = lastOf<Counted>('scanned');
const all = () => counted.value?.value ?? {};

/** How many bags of an order are to be sorted: those counted at the gate, or all if none was counted. */
export const awaited = (o: Order) => o.bagsIn || o.bags;

/** The bags of an order that were scanned on this device, in order. */
export const scanned = (order: string): readonly number[] => all()[order] ?? [];

/** The orders of which some bags were scanned. */
export const begun = (): readonly string[] => Object.keys(all());

/** Notes that a bag was scanned and reports whether it is a new one. */
export function scan(order: string, bag: number): boolean {
  const before = scanned(order);
  if (before.includes(bag)) return false;
  heardOf<Counted>('scanned', { ...all(), [order]: [...before, bag].sort((a, b) => a - b) });
  return true;
}

/** Forgets what was scanned of the orders for which forgets returns true: they are sorted, or no longer in the list. */
export function forget(forgets: (order: string) => boolean) {
  const kept = Object.entries(all()).filter(([order]) => !forgets(order));
  if (kept.length < begun().length) heardOf<Counted>('scanned', Object.fromEntries(kept));
}
