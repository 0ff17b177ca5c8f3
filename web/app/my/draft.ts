import { type Signal, signal } from '@preact/signals';

import { newKey, otherWindow, store } from '../shared/store';

/** An order that is being written. It is kept in the browser, so that a reload loses nothing. */
export type Draft = {
  /** The window it is ordered in, "shop" for goods that the household names, "buy" for a volunteer who goes shopping. */
  source: string;
  /** How much of each package, by its id. */
  counts: Record<string, number>;
  supplier: string;
  text: string;
  note: string;
  substitute: 'ASK' | 'ANY' | 'NEVER';
  /** The idempotency key under which it is sent, in whichever window: the same until the server has refused it. */
  key: string;
  /** The input that was sent and not answered yet. It is sent again as it was, which places nothing twice. */
  sending: Record<string, unknown> | null;
};

export const empty: Draft = { source: '', counts: {}, supplier: '', text: '', note: '', substitute: 'ASK', key: '', sending: null };

export type Kept = { draft: Signal<Draft>; change: (part: Partial<Draft>) => void; drop: () => void; follow: (gone: () => void) => () => void };

/** The draft under a name, or a new one. */
export function kept(name: string, start: Partial<Draft> = {}): Kept {
  const read = () => store.get<Draft>(name);
  const fresh = (): Draft => ({ ...empty, ...start, key: newKey() });
  const was = read();
  const draft = signal<Draft>({ ...fresh(), ...was });
  function change(part: Partial<Draft>) {
    draft.value = { ...draft.value, ...part };
    try {
      store.set(name, draft.value);
    } catch {
      // The storage is full: the draft lasts as long as the page.
    }
  }
  if (was && !was.key) change({}); // of an earlier release: all windows take this key
  return {
    draft,
    change,
    drop() {
      store.set(name, null);
      draft.value = fresh();
    },
    // Shows what another window has written, and calls gone when one has sent or dropped it.
    follow: (gone) => otherWindow(name, () => {
      const next = read();
      if (next) draft.value = { ...fresh(), ...next };
      else gone();
    }),
  };
}

/** Reads goods written one on a line, such as "鸡蛋 2 盒". A line without a quantity is one 份. */
export function goodsIn(text: string) {
  return text.split('\n').map((l) => l.trim()).filter(Boolean).map((line) => {
    const [, item, quantity, unit] = /^(.*?\D)\s*(\d+(?:\.\d{1,3})?)\s*([^\d\s]{0,16})$/u.exec(line) ?? [];
    return item?.trim() && Number(quantity) > 0 ? { item: item.trim(), quantity: quantity!, unit: unit || '份' } : { item: line, quantity: '1', unit: '份' };
  });
}
