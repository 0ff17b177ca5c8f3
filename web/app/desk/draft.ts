import { signal } from '@preact/signals';

import { newKey, store } from '../shared/store';

/** What has been written about a call so far. It survives a reload, and is forgotten when the call is put back or closed. */
export type Draft = {
  call: string;
  household: { id: string; address: string } | null;
  window: string;
  lines: { packageId: string; quantity: string }[];
  consentBy: '' | 'HOUSEHOLD' | 'RELATIVE' | 'CARER';
  note: string;
  /** The order's idempotency key: another order is another act. */
  key: string;
  outcome: '' | 'ANSWERED' | 'PASSED_ON' | 'NOT_NEEDED';
  answer: string;
};

const empty = (call: string): Draft => ({ call, household: null, window: '', lines: [], consentBy: '', note: '', key: newKey(), outcome: '', answer: '' });

export const draft = signal<Draft>({ ...empty(''), ...store.get<Draft>('desk') });

if (draft.value.call && !store.get<Draft>('desk')?.key) write({}); // of an earlier release: a reload must not draw another key

/** Starts or goes on with the draft of a call. */
export function about(call: string) {
  if (draft.value.call !== call) write(empty(call));
}

/** Changes the draft. */
export function write(change: Partial<Draft>) {
  draft.value = { ...draft.value, ...change };
  store.set('desk', draft.value);
}

/** Drops what another member, or the same in another community, was writing on this device. */
export function ownedBy(member: string) {
  const was = store.get<string>('desk-of');
  if (was === member) return;
  if (was !== null) {
    forget();
    store.set('desk-log', null);
  }
  store.set('desk-of', member);
}

export function forget() {
  draft.value = empty('');
  store.set('desk', null);
}
