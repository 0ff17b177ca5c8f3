import { computed, signal } from '@preact/signals';

import { post, Refused } from './post';
import { otherWindow, pause, store, wait } from './store';

/** A sign-in of this browser. A token that does not expire is a name of the demonstration. */
export type SignIn = { token: string; expiresAt: string | null; since: string };

const read = () => store.get<SignIn>('sign-in');

/** The sign-in of all windows of this browser; null if there is none. */
export const session = signal<SignIn | null>(read());
export const token = computed(() => session.value?.token ?? null);

/** Why the sign-in ended, in the words of the server; null if the person signed out. */
export const endedBecause = signal<string | null>(null);

otherWindow('sign-in', () => (session.value = read()));

export function keep(got: { token: string; expiresAt: string | null } | null) {
  const next = got && { ...got, since: new Date().toISOString() };
  store.set('sign-in', next);
  session.value = next;
}

/** Removes the sign-in after the server has refused its token. Another window may have replaced that token meanwhile. */
export function ended(refused: string, why: string) {
  if (read()?.token !== refused) {
    session.value = read();
    return;
  }
  endedBecause.value = why;
  keep(null);
}

/** Asks the server whether it still knows the token, after an operation or a connection was refused, and ends the sign-in if not. */
export async function verify() {
  const old = token.value;
  if (!old) return;
  try {
    await post('{ me { role } }', {}, old);
  } catch (e) {
    if (e instanceof Refused && e.code === 'UNAUTHENTICATED') ended(old, e.message);
  }
}

/** Signs out: here first, so that streams that end are no surprise, then on the server. */
export function signOut() {
  const old = token.value;
  endedBecause.value = null;
  keep(null);
  if (old && !old.startsWith('dev:')) void persist(() => post('mutation { signOut(input: {}) { signedOut } }', {}, old)).catch(() => {});
}

/** Tries again until the server answers. The operation must be idempotent. */
export async function persist<T>(call: () => Promise<T>, failed: (e: unknown) => void = () => {}): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (e) {
      if (e instanceof Refused && !e.passing) throw e;
      failed(e);
      await pause(tries);
    }
  }
}

export type Token = { token: string; expiresAt: string };
type TokenPayload = { token: string | null; expiresAt: string | null; userErrors: { message: string; code: string; reason: string }[] };

/** Redeems a code. The caller draws the key, and keeps it until the answer is there: under it a second try is no second use. */
export async function redeem(code: string, key: string, failed: (e: unknown) => void): Promise<Token> {
  const { redeemCode: got } = await persist(() => post<{ redeemCode: TokenPayload }>(
    'mutation ($i: RedeemCodeInput!) { redeemCode(input: $i) { token expiresAt userErrors { message code reason } } }', { i: { code, clientMutationId: key } }, null), failed);
  if (got.userErrors[0]) throw new Refused(got.userErrors[0]);
  return { token: got.token!, expiresAt: got.expiresAt! };
}

const hour = 3_600_000;

/**
 * Replaces the token after 70 % of its life, and after a day at the latest, while the page is open. One window does it; others take over what it
 * stored. A new token that has expired already means that this device's clock is wrong: then it is replaced once an hour.
 */
export async function renew(signal: AbortSignal) {
  while (!signal.aborted) {
    const now = read();
    if (!now?.expiresAt) return;
    const since = Date.parse(now.since);
    const life = Date.parse(now.expiresAt) - since;
    const due = since + (life > 0 ? Math.min(life * 0.7, 24 * hour) : hour) - Date.now();
    if (due > 0) {
      await wait(Math.min(due, hour));
      continue;
    }
    const replace = async () => {
      if (read()?.token !== now.token) return;
      try {
        const { refreshToken: got } = await persist(() => post<{ refreshToken: TokenPayload }>(
          'mutation ($i: RefreshTokenInput!) { refreshToken(input: $i) { token expiresAt userErrors { message code reason } } }', { i: { token: now.token } }, now.token));
        if (got.userErrors[0]) throw new Refused(got.userErrors[0]);
        if (read()?.token === now.token) keep({ token: got.token!, expiresAt: got.expiresAt! });
      } catch (e) {
        ended(now.token, e instanceof Error ? e.message : String(e));
      }
    };
    await (navigator.locks ? navigator.locks.request('baogong:renew', replace) : replace());
  }
}

