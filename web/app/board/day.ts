import { now, zone } from '../shared/time';

const hour = 3_600_000;

/** When the community's calendar day began, in ms. On a day of a change of clocks it is an hour off. */
export function dayStart(at = now.peek()): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone.peek(), hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)!.value);
  return Math.floor(at / 1_000) * 1_000 - part('hour') * hour - part('minute') * 60_000 - part('second') * 1_000;
}
