// What pages keep in this browser, for all its windows, under "baogong:<key>".
export const store = {
  get<T>(key: string): T | null {
    try {
      return JSON.parse(localStorage.getItem(`baogong:${key}`) ?? 'null') as T | null;
    } catch {
      return null; // someone else's text
    }
  },
  /** Keeps a value; null removes it. It fails if the browser's storage is full. */
  set(key: string, value: unknown) {
    if (value === null) localStorage.removeItem(`baogong:${key}`);
    else localStorage.setItem(`baogong:${key}`, JSON.stringify(value));
  },
};

/** Calls back when another window has changed a key. Returns a function that stops it. */
export function otherWindow(key: string, changed: () => void): () => void {
  const heard = (e: StorageEvent) => (e.key === `baogong:${key}` || e.key === null) && changed();
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}

/** A new idempotency key: 128 random bits as hexadecimal digits. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Waits before a further try: on average twice as long each time, at most 30 s. */
export const pause = (tries: number) => wait(Math.min(30_000, 1000 * 2 ** tries) * (0.5 + Math.random() / 2));
