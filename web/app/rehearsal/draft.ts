import { dayAfter } from '../shared/day';
import { instantOf, localOf } from '../shared/zoned';
import type { Input, Saved } from './operations';

/** A saved scenario with the day that was tomorrow when it was loaded: without a day of its own its instants are on that day, also after midnight. */
export type Dated = Saved & { tomorrow: string };

/** A scenario as the form shows it: numbers as they are written, times of the day as "08:05". What is empty is taken from the community. */
export type Draft = {
  orders: string; duty: string; supply: string; carts: string; cartBags: string; settle: string; absent: string; medicine: string; cold: string; by: string; earlier: string; replications: string; seed: string;
  lifts: boolean; firstCome: boolean; trucks: Truck[]; later: Later[]; held: Held[];
};
export type Truck = { at: string; orders: string; bags: string; late: string };
/** How many people of a squad are there from a time on, besides the numbers for the whole day. */
export type Later = { squad: Squad; from: string; hands: string };
export type Held = { building: string; from: string; until: string };
export type Squad = 'DUTY' | 'SUPPLY' | 'TRANSPORT';
export const squads: readonly Squad[] = ['DUTY', 'TRANSPORT', 'SUPPLY'];

export const empty = (): Draft => ({ orders: '', duty: '', supply: '', carts: '', cartBags: '', settle: '', absent: '', medicine: '', cold: '', by: '', earlier: '', replications: '', seed: '', lifts: false, firstCome: false, trucks: [], later: [], held: [] });

const midnight = (day: string) => Date.parse(`${day}T00:00Z`);

const isTime = /^\d{1,2}:\d\d$/;

/** The instant of a time of the day, which may be of the next one: "25:00". What is no time, such as one that is being typed, is returned as it is. */
export function instant(day: string, time: string): string {
  if (!isTime.test(time)) return time;
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return instantOf(`${dayAfter(day, Math.floor(hours / 24))}T${String(hours % 24).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`);
}

/** The time of the day of an instant, "25:00" on the next one. */
export function timeOf(day: string, at: string): string {
  const [date = '', time = ''] = localOf(Date.parse(at)).split('T');
  const days = (midnight(date) - midnight(day)) / 86_400_000;
  return `${String(Number(time.slice(0, 2)) + 24 * days).padStart(2, '0')}${time.slice(2)}`;
}

const number = (text: string) => (text.trim() === '' ? null : Number(text));
const share = (percent: string) => (percent.trim() === '' ? null : Number(percent) / 100);

/** The input for a day. What the form has as the saved scenario has it is sent as it was saved: the form shows less, such as no seconds. */
export function inputOf(d: Draft, communityId: string, day: string, of: Dated | null = null): Input {
  const written = writtenOf(d, communityId, day);
  if (!of) return written;
  const [was, v] = [draftOf(of), of.values];
  const same = (...fields: (keyof Draft)[]) => fields.every((f) => JSON.stringify(d[f]) === JSON.stringify(was[f]));
  const kept: Input = { ...written, compare: v.compare, absentShare: same('absent') ? v.absentShare : written.absentShare, medicineShare: same('medicine') ? v.medicineShare : written.medicineShare,
    coldShare: same('cold') ? v.coldShare : written.coldShare, lastTruckEarlierMinutes: same('earlier') ? v.lastTruckEarlierMinutes : written.lastTruckEarlierMinutes };
  if (day !== (v.day ?? of.tomorrow)) return kept; // its instants are of another day
  return {
    ...kept, by: same('by') ? v.by : written.by,
    trucks: same('trucks') ? (v.trucks?.map(({ at, orders, bags, lateByMinutes }) => ({ at, orders, bags, lateByMinutes })) ?? null) : written.trucks,
    hands: same('duty', 'supply', 'later') ? (v.hands?.map(({ squad, from, hands }) => ({ squad, from, hands })) ?? null) : written.hands,
    heldBuildings: same('held') ? (v.heldBuildings?.map(({ buildingId, from, until }) => ({ buildingId, from, until })) ?? null) : written.heldBuildings,
  };
}

function writtenOf(d: Draft, communityId: string, day: string): Input {
  const hands = [
    ...(d.duty ? [{ squad: 'DUTY' as const, from: instant(day, '00:00'), hands: Number(d.duty) }] : []),
    ...(d.supply ? [{ squad: 'SUPPLY' as const, from: instant(day, '00:00'), hands: Number(d.supply) }] : []),
    ...d.later.map((l) => ({ squad: l.squad, from: instant(day, l.from), hands: Number(l.hands) })),
  ];
  return {
    communityId, day, orders: number(d.orders), carts: number(d.carts), cartBags: number(d.cartBags), settleMinutes: number(d.settle), lastTruckEarlierMinutes: number(d.earlier),
    liftsOut: d.lifts, absentShare: share(d.absent), medicineShare: share(d.medicine), coldShare: share(d.cold), firstComeFirstServed: d.firstCome, by: d.by ? instant(day, d.by) : null, seed: number(d.seed), replications: number(d.replications) ?? 100, compare: true,
    trucks: d.trucks.length === 0 ? null : d.trucks.map((t) => ({ at: instant(day, t.at), orders: Number(t.orders), bags: number(t.bags), lateByMinutes: number(t.late) })),
    hands: hands.length === 0 ? null : hands,
    heldBuildings: d.held.length === 0 ? null : d.held.map((h) => ({ buildingId: h.building, from: instant(day, h.from), until: instant(day, h.until) })),
  };
}

/** The form of a saved scenario. */
export function draftOf({ values: v, tomorrow }: Dated): Draft {
  const day = v.day ?? tomorrow;
  const text = (n: number | null | undefined) => (n == null ? '' : String(n));
  const percent = (of: number | null | undefined) => (of == null ? '' : text(Math.round(of * 1000) / 10));
  const d: Draft = {
    ...empty(), orders: text(v.orders), carts: text(v.carts), cartBags: text(v.cartBags), settle: text(v.settleMinutes), absent: percent(v.absentShare), medicine: percent(v.medicineShare), cold: percent(v.coldShare),
    by: v.by ? timeOf(day, v.by) : '', earlier: v.lastTruckEarlierMinutes ? text(v.lastTruckEarlierMinutes) : '', replications: v.replications === 100 ? '' : text(v.replications), seed: text(v.seed), lifts: v.liftsOut, firstCome: v.firstComeFirstServed,
    trucks: (v.trucks ?? []).map((t) => ({ at: timeOf(day, t.at), orders: text(t.orders), bags: text(t.bags), late: text(t.lateByMinutes) })),
    held: (v.heldBuildings ?? []).map((h) => ({ building: h.buildingId, from: timeOf(day, h.from), until: timeOf(day, h.until) })),
  };
  for (const h of v.hands ?? []) {
    const from = timeOf(day, h.from);
    if (from === '00:00' && h.squad === 'DUTY' && !d.duty) d.duty = text(h.hands);
    else if (from === '00:00' && h.squad === 'SUPPLY' && !d.supply) d.supply = text(h.hands);
    else d.later.push({ squad: h.squad as Squad, from, hands: text(h.hands) });
  }
  return d;
}
