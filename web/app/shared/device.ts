import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

import type { Act } from './outbox';

// What pages keep on this device beside the sign-in: acts that wait to be sent, and what a page needs without a network.
interface Schema extends DBSchema {
  acts: { key: number; value: Act };
  kept: { key: string; value: unknown };
}

let opened: Promise<IDBPDatabase<Schema> | null> | undefined;

/** The database of this device; null if the browser has none, as in some private modes. */
export function device(): Promise<IDBPDatabase<Schema> | null> {
  return (opened ??= openDB<Schema>('baogong', 1, {
    upgrade(db) {
      db.createObjectStore('acts', { keyPath: 'seq', autoIncrement: true });
      db.createObjectStore('kept');
    },
    terminated: () => (opened = undefined),
  }).catch(() => null));
}

/** Keeps a value of an account on this device. Values are a convenience: a full or missing storage is no error. */
export async function keepHere(account: string, name: string, value: unknown): Promise<void> {
  const db = await device();
  const key = `${account} ${name}`;
  await (value === null ? db?.delete('kept', key) : db?.put('kept', value, key))?.catch(() => {});
}

/** What is kept of an account under a name; null if nothing is. */
export async function keptHere<T>(account: string, name: string): Promise<T | null> {
  const db = await device();
  return ((await db?.get('kept', `${account} ${name}`).catch(() => null)) as T | undefined) ?? null;
}

/** Removes what is kept of all accounts except one. Acts that wait stay. */
export async function forgetOthers(account: string | null): Promise<void> {
  const db = await device();
  for (const key of (await db?.getAllKeys('kept').catch(() => [])) ?? []) {
    if (account === null || !key.startsWith(`${account} `)) await db?.delete('kept', key).catch(() => {});
  }
}

/** How many acts of all accounts wait on this device. */
export async function waitingHere(): Promise<number> {
  const db = await device();
  return ((await db?.getAll('acts').catch(() => [])) ?? []).filter((a) => a.state === 'waiting' || a.state === 'sending').length;
}
