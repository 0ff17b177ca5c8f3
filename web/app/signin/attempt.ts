import { newKey, store } from '../shared/store';

/** A code that is being redeemed. Its key is kept until the server's answer is, so that a reload or a second try is no second use. */
export type Attempt = { code: string; key: string; /** From a link, which the person must confirm. */ linked: boolean };

export const attempt = () => store.get<Attempt>('attempt');
export const forget = () => store.set('attempt', null);

/** The attempt with a code: the one under way, or a new one. */
export function attempted(code: string, linked: boolean): Attempt {
  const under = attempt();
  if (under?.code === code) return under;
  const next = { code, key: newKey(), linked };
  store.set('attempt', next);
  return next;
}

/** The code after the # of the address, which no server is sent. It is removed from the address at once. A malformed one counts as a wrong code. */
export function hashed(): string {
  const text = location.hash.slice(1);
  if (text) history.replaceState(null, '', location.pathname + location.search);
  try {
    return decodeURIComponent(text).trim();
  } catch {
    return text;
  }
}
