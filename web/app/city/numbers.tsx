import { said, words } from '../shared/language';

const w = words({
  few: ['少于五户，不显示', 'hidden: fewer than five households'],
  late: ['超时占比', 'Late'],
  median: ['门口到入户中位数', 'Gate to door, median'],
  incidents: ['未结异常', 'Open incidents'],
  perHour: ['每工时入户', 'Orders per person-hour'],
  open: ['在途', 'Open'],
  delivered: ['今日入户', 'At the door today'],
  deliveredThen: ['当日入户', 'At the door that day'],
  held: ['暂停', 'Held'],
  without: ['无人负责', 'Without holder'],
  households: ['户数', 'Households'],
  minutes: [(n: number) => `${n} 分钟`, (n: number) => `${n} min`],
});

export type Key = 'latePercent' | 'medianMinutesGateToDoor' | 'openIncidents' | 'ordersPer100PersonHours' | 'open' | 'deliveredToday' | 'held' | 'withoutHolder' | 'households';
export type Number = { count: number | null; suppressed: boolean; readAt: string | null };
export type Row = { community: { id: string; code: string; name: string; timeZone: string | null } } & Record<Key, Number>;

/** The columns in the order shown, by their names today or on a past day. worst says which end of a number is bad. */
export const columns: readonly { key: Key; name: (past?: boolean) => string; worst: 'high' | 'low'; text: (n: number) => string }[] = [
  { key: 'latePercent', name: () => w.late, worst: 'high', text: (n) => `${n} %` },
  { key: 'medianMinutesGateToDoor', name: () => w.median, worst: 'high', text: (n) => w.minutes(n) },
  { key: 'openIncidents', name: () => w.incidents, worst: 'high', text: String },
  { key: 'ordersPer100PersonHours', name: () => w.perHour, worst: 'low', text: (n) => (n / 100).toFixed(2) },
  { key: 'open', name: () => w.open, worst: 'high', text: String },
  { key: 'deliveredToday', name: (past) => (past ? w.deliveredThen : w.delivered), worst: 'low', text: String },
  { key: 'held', name: () => w.held, worst: 'high', text: String },
  { key: 'withoutHolder', name: () => w.without, worst: 'high', text: String },
  { key: 'households', name: () => w.households, worst: 'high', text: String },
];

/** Puts the worst first, or the best; what is hidden or unknown comes last either way. */
export function compare(a: Row, b: Row, { key, worst }: (typeof columns)[number], best = false): number {
  const [x, y] = [a[key].count, b[key].count];
  if (x === null || y === null) return x === y ? a.community.code.localeCompare(b.community.code) : x === null ? 1 : -1;
  const order = (worst === 'high' ? y - x : x - y) * (best ? -1 : 1);
  return order || a.community.code.localeCompare(b.community.code);
}

/** A number, "<5" if it is hidden, or a dash if it was never read. */
export function Cell({ number: n, text }: { number: Number; text: (n: number) => string }) {
  if (n.count !== null) return <>{text(n.count)}</>;
  return n.suppressed && n.readAt ? <span title={w.few}>&lt;5<span class="aside"> {w.few}</span></span> : <>—</>;
}

/** The time zones of the communities, as far as they may be seen. Where there are several, times of one community are in its own, and others in this device's. */
export const zonesOf = (rows: readonly Pick<Row, 'community'>[]) => [...new Set(rows.flatMap((r) => r.community.timeZone ?? []))];

/** The name of a time zone beside a time, where it is not plain. */
export const zoned = (time: string, of: string) => said([`${time}（${of}）`, `${time} (${of})`]);
