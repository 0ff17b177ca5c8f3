import { signal } from '@preact/signals';

import { given } from './given';
import { language, locale, words } from './language';

const drawn = Date.now();
let ahead = 0; // ms by which the server's business clock is ahead of what the page takes it for

/** The time of the estate's clock: this device's, unless the server has told another, as in a demonstration. */
export const estateTime = () => (given.clock ? Date.parse(given.clock.at) + (Date.now() - drawn) * given.clock.speed : Date.now()) + ahead;

/** The present, for texts such as "12 min ago". It is renewed every few seconds. */
export const now = signal(estateTime());
setInterval(() => (now.value = estateTime()), given.clock ? 3_000 : 15_000);

/** What the estate's clock showed when this device's showed a time, such as that of a kept answer or of an act of this page. */
export const estateOf = (device: string | number) => estateTime() - (Date.now() - new Date(device).getTime()) * (given.clock?.speed ?? 1);

let told = false; // a stream has told the business time

/** Sets the present to the business time that the server has just told: this device's clock may be wrong. */
export function hear(at: string) {
  told = true;
  set(at);
}

/** Sets the present to the time at which the server has answered, as HTTP says it, on pages that are told no business time. */
export function hearAnswer({ headers }: Response) {
  const at = headers.get('Date');
  if (at && !told && !given.clock) set(at);
}

function set(at: string) {
  const off = Date.parse(at) - estateTime();
  if (Math.abs(off) < 10_000) return;
  ahead += off;
  now.value = estateTime();
}

/** The time zone of the community; pages set it when they know it. Before, times are shown in the device's. */
export const zone = signal<string | undefined>(undefined);

const w = words({
  now: ['刚刚', 'just now'],
  ago: [(n: string) => `${n}前`, (n: string) => `${n} ago`],
  in: [(n: string) => `${n}后`, (n: string) => `in ${n}`],
  minutes: [(n: number) => `${n} 分钟`, (n: number) => `${n} min`],
  hours: [(n: number) => `${n} 小时`, (n: number) => `${n} h`],
  days: [(n: number) => `${n} 天`, (n: number) => (n === 1 ? '1 day' : `${n} days`)],
});

const formats = new Map<string, Intl.DateTimeFormat>();
function format(options: Intl.DateTimeFormatOptions, at: number, timeZone: string | undefined) {
  const key = `${language.value} ${timeZone} ${JSON.stringify(options)}`;
  let f = formats.get(key);
  if (!f) formats.set(key, (f = new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : 'zh-CN', { ...options, timeZone, hourCycle: 'h23' })));
  return f.format(at);
}

const day = (at: number, of: string | undefined) => format({ year: 'numeric', month: '2-digit', day: '2-digit' }, at, of);

/** A calendar day in the community's zone, as on paper in both languages: "2020-02-18". */
export const date = (instant: string | number) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone.value }).format(new Date(instant));

/** A time of day in the community's zone, or in another, with the date where it is not today: "14:05", "3 Feb, 14:05". */
export function clock(instant: string | number, of = zone.value): string {
  const at = typeof instant === 'number' ? instant : Date.parse(instant);
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  return day(at, of) === day(now.value, of) ? format(time, at, of) : format({ ...time, month: 'short', day: 'numeric' }, at, of);
}

/** How long a stretch is, in its largest whole unit: "12 min", "3 h". */
export function span(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 120) return w.minutes(minutes);
  return minutes < 48 * 60 ? w.hours(Math.floor(minutes / 60)) : w.days(Math.floor(minutes / 1440));
}

/** A time with its distance from now: "14:05, 12 min ago". */
export function when(instant: string | number): string {
  const at = typeof instant === 'number' ? instant : Date.parse(instant);
  const since = now.value - at;
  const distance = Math.abs(since) < 60_000 ? w.now : since > 0 ? w.ago(span(since)) : w.in(span(since));
  return language.value === 'zh' ? `${clock(at)}，${distance}` : `${clock(at)}, ${distance}`;
}
