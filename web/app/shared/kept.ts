import { effect, type Signal, signal } from '@preact/signals';

import { keepHere, keptHere } from './device';
import { account } from './outbox';

/** The server's last word on something, kept on the device, with the time of this device at which it came. */
export type Last<T> = { at: number; value: T };

const all = new Map<string, Signal<Last<unknown> | null>>();

/** What was heard last under a name by the account that is signed in: from the device until the server is heard. */
export function lastOf<T>(name: string): Signal<Last<T> | null> {
  let out = all.get(name) as Signal<Last<T> | null> | undefined;
  if (out) return out;
  out = signal<Last<T> | null>(null);
  all.set(name, out as Signal<Last<unknown> | null>);
  const here = out;
  effect(() => {
    const mine = account.value;
    here.value = null;
    if (!mine) return;
    void keptHere<Last<T>>(mine, name).then((kept) => {
      if (mine === account.value && !here.peek()) here.value = kept;
    });
  });
  return out;
}

/** Takes over what the server says, and keeps it. */
export function heardOf<T>(name: string, value: T) {
  const next = { at: Date.now(), value };
  lastOf<T>(name).value = next;
  if (account.peek()) void keepHere(account.peek()!, name, next);
}
