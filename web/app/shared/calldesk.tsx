import { words } from './language';

const w = words({ call: [(n: string) => `打电话给话务台：${n}`, (n: string) => `Telephone the desk: ${n}`] });

/** Telephones the community's phone desk. Nothing if it has no number. */
export function CallDesk({ number }: { number: string | undefined }) {
  if (!number) return null;
  return <p><a class="button wide" id="desk-phone" href={`tel:${number.replaceAll(/[^+\d]/g, '')}`}>☎ {w.call(number)}</a></p>;
}
