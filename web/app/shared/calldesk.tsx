import { words } from './language';

const w = words({ call: [(n: string) => `打电话给电话台：${n}`, (n: string) => `Call the phone desk: ${n}`] });

/** A button that calls the community's phone desk; nothing if the desk has no number. */
export function CallDesk({ number }: { number: string | undefined }) {
  if (!number) return null;
  return <p><a class="button wide" id="desk-phone" href={`tel:${number.replaceAll(/[^+\d]/g, '')}`}>☎ {w.call(number)}</a></p>;
}
