import { zone } from './time';

const parts = (at: number) => {
  const f = new Intl.DateTimeFormat('en-CA', { timeZone: zone.value, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });
  const p = Object.fromEntries(f.formatToParts(at).map((x) => [x.type, x.value]));
  return `${p['year']}-${p['month']}-${p['day']}T${p['hour']}:${p['minute']}`;
};

/** An instant as the value of an input of the type datetime-local, in the community's zone. */
export const localOf = parts;

/** The instant that such a value means in the community's zone. */
export function instantOf(local: string): string {
  const wall = Date.parse(`${local}Z`);
  const offset = (at: number) => Date.parse(`${parts(at)}Z`) - Math.floor(at / 60_000) * 60_000;
  const first = wall - offset(wall);
  return new Date(wall - offset(first)).toISOString();
}
