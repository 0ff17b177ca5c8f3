import { useSignal } from '@preact/signals';

import { words } from '../shared/language';
import { type Entry, mostBags } from './entries';

const w = words({
  pad: [(order: string) => `${order}：到了几袋`, (order: string) => `${order}: how many bags came`],
  came: ['到了', 'Came'],
  damaged: ['其中破损', 'Damaged'],
  erase: ['删一位', 'Erase a digit'],
  announced: [(n: number) => `按预告：${n} 袋`, (n: number) => `As announced: ${n}`],
  done: ['好', 'Done'],
});

/** What a key enters: a digit, or that the last digit goes. */
export type Key = number | 'erase';

/** The number after a key. The first digit after the pad was opened begins a new number. */
function after(was: number, key: Key, begun: boolean): number {
  if (key === 'erase') return Math.floor(was / 10);
  return Math.min(mostBags, begun ? was * 10 + key : key);
}

/** Reads a key of a keyboard; null if the pad has none such. */
const keyOf = (key: string): Key | null => (/^\d$/.test(key) ? Number(key) : key === 'Backspace' ? 'erase' : null);

/** A numeric pad for one order: how many of its bags came, and how many of those are damaged. Digits of a keyboard work too. */
export function Pad({ order, announced, entry, change, close }: { order: string; announced: number; entry: Entry; change: (next: Entry | null) => void; close: () => void }) {
  const field = useSignal<keyof Entry>('received');
  const begun = useSignal(false);
  const press = (key: Key) => {
    const n = after(entry[field.value], key, begun.value);
    begun.value = true;
    change(field.value === 'received' ? { received: n, damaged: Math.min(n, entry.damaged) } : { ...entry, damaged: Math.min(n, entry.received) });
  };
  const choose = (f: keyof Entry) => {
    field.value = f;
    begun.value = false;
  };
  const digit = (n: number) => <button key={n} type="button" data-key={n} onClick={() => press(n)}>{n}</button>;
  return (
    <div class="pad stack" role="group" tabIndex={-1} aria-label={w.pad(order)} onKeyDown={(e) => {
      const key = e.ctrlKey || e.metaKey || e.altKey ? null : keyOf(e.key);
      if (key !== null) press(key);
      else if (e.key === 'Escape') close();
      else return;
      e.preventDefault();
    }}>
      <div class="row">
        <button type="button" data-field="received" aria-pressed={field.value === 'received'} onClick={() => choose('received')}>{w.came} <b>{entry.received}</b></button>
        <button type="button" data-field="damaged" aria-pressed={field.value === 'damaged'} disabled={entry.received === 0} onClick={() => choose('damaged')}>{w.damaged} <b>{entry.damaged}</b></button>
      </div>
      <div class="keys">
        {[1, 2, 3, 4, 5, 6, 7, 8, 9].map(digit)}
        <button type="button" data-key="erase" aria-label={w.erase} onClick={() => press('erase')}>⌫</button>
        {digit(0)}
        <button type="button" data-key="done" class="main" onClick={close}>{w.done}</button>
      </div>
      <button type="button" data-key="announced" onClick={() => {
        choose('received');
        change(announced === 0 ? null : { received: announced, damaged: 0 });
      }}>{w.announced(announced)}</button>
    </div>
  );
}
