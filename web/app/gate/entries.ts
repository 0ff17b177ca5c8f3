import { heardOf, lastOf } from '../shared/kept';
import type { Text } from '../shared/language';
import type { Row } from './operations';

/** How many bags of an order came, damaged ones included, and how many of them are damaged. */
export type Entry = { received: number; damaged: number };
/** What a person has entered about a truck's orders, by their ids. Orders that are as the list says have no entry. */
export type Entries = Readonly<Record<string, Entry>>;

/** What is being counted in a community: the truck on the page, null for the next one, and what was entered about each truck. */
type Counting = { truck: string | null; counts: Readonly<Record<string, Entries>> };

/** Bags of one order that a count takes. */
export const mostBags = 200;

const nameOf = (community: string) => `counting ${community}`;
const read = (community: string): Counting => lastOf<Counting>(nameOf(community)).value?.value ?? { truck: null, counts: {} };

/** The truck that was opened last; null if none was. */
export const openedIn = (community: string) => read(community).truck;
/** Keeps a truck on the page until its count is complete, whichever other trucks come. */
export const openTruck = (community: string, truck: string) => heardOf<Counting>(nameOf(community), { ...read(community), truck });

/** What was entered about a truck. It is kept on the device until the server says that the count is complete. */
export const entriesOf = (community: string, truck: string): Entries => read(community).counts[truck] ?? {};

/** The count of an order without an entry: what was counted before, else what is announced. */
const listed = (row: Row): Entry => ({ received: row.counted ?? row.announced, damaged: row.damaged ?? 0 }); // lists that an earlier release kept lack what is damaged

export const countOf = (row: Row, entries: Entries): Entry => entries[row.order.id] ?? listed(row);

/** Enters the count of an order of a truck; null takes the entry out. */
export function enter(community: string, truck: string, row: Row, entry: Entry | null) {
  const all = read(community);
  const { [row.order.id]: _, ...others } = all.counts[truck] ?? {};
  const as = listed(row);
  const differs = entry !== null && (entry.received !== as.received || entry.damaged !== as.damaged);
  heardOf<Counting>(nameOf(community), { truck, counts: { ...all.counts, [truck]: differs ? { ...others, [row.order.id]: entry } : others } });
}

/** Forgets what was entered about trucks that cannot be counted any more. */
export function forgetAllBut(community: string, trucks: readonly string[]) {
  const { truck, counts } = read(community);
  const open = Object.entries(counts).filter(([id]) => trucks.includes(id));
  if (open.length < Object.keys(counts).length) heardOf<Counting>(nameOf(community), { truck, counts: Object.fromEntries(open) });
}

/** How a truck's bags differ from what is announced: the orders that do, and the bags. */
export type Sums = { orders: number; missing: number; extra: number; damaged: number };

export function sumsOf(rows: readonly Row[], entries: Entries): Sums {
  const sums = { orders: 0, missing: 0, extra: 0, damaged: 0 };
  for (const row of rows) {
    const { received, damaged } = countOf(row, entries);
    sums.missing += Math.max(0, row.announced - received);
    sums.extra += Math.max(0, received - row.announced);
    sums.damaged += damaged;
    if (received !== row.announced || damaged > 0) sums.orders++;
  }
  return sums;
}

/** Says how bags differ from what is announced; empty if they do not. */
export function saidOf({ missing, extra, damaged }: Omit<Sums, 'orders'>): Text {
  const bags = (n: number) => (n === 1 ? '1 bag' : `${n} bags`);
  const parts: [number, string, string][] = [[missing, `缺 ${missing} 袋`, `${bags(missing)} missing`], [extra, `多 ${extra} 袋`, `${bags(extra)} too many`], [damaged, `破损 ${damaged} 袋`, `${bags(damaged)} damaged`]];
  const some = parts.filter(([n]) => n > 0);
  return [some.map(([, zh]) => zh).join('，'), some.map(([,, en]) => en).join(', ')];
}
