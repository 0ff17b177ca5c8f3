import { batch, effect, signal } from '@preact/signals';

import { ask } from './api';
import { graphql, type ResultOf } from './graphql';
import { said } from './language';
import { Refused } from './post';
import { persist, renew, token } from './session';
import { store } from './store';
import { roles } from './terms';
import { zone } from './time';

/** Asks who the holder of a token is. */
export const viewerQuery = graphql(`
  query Viewer {
    me {
      name
      role
      community { id code name timeZone deskPhone }
      volunteer { id code name squad rank services { duty building { id code } } }
      supplier { id code name }
      household { id address }
    }
  }
`);

/** Who is signed in. */
export type Me = ResultOf<typeof viewerQuery>['me'];

/** A person as one line: community, address or name, role. */
export const lineOf = (who: Me) => [who.community?.name, who.household?.address ?? who.name, said(roles[who.role], who.role)].filter(Boolean).join(' · ');

/** Who is signed in; null before the server has answered, and without a sign-in. */
export const me = signal<Me | null>(null);
/** The token whose viewer `me` is. */
export const meOf = signal<string | null>(null);

function show(who: Me | null, of: string | null) {
  batch(() => {
    if (who?.community || me.peek()?.community) zone.value = who?.community?.timeZone; // an administrator's is that of the community chosen
    me.value = who;
    meOf.value = of;
  });
}

/** Keeps who the holder of a token is, so that the next page begins with it instead of asking first. */
export function remember(who: Me, of: string) {
  try {
    store.set('viewer', { token: of, me: who });
  } catch {
    // the storage is full: the next page asks
  }
}

let running: AbortController | undefined;

// Every window asks who it is after signing in or out, and sees to it that its sign-in does not run out while it is open.
effect(() => {
  const mine = token.value;
  running?.abort();
  if (!mine) {
    show(null, null);
    store.set('viewer', null);
    return;
  }
  // Without a network a page begins with who it was.
  const kept = store.get<{ token: string; me: Me }>('viewer');
  if (kept?.token === mine) show(kept.me, mine);
  const signal = (running = new AbortController()).signal;
  void renew(signal);
  void persist(() => ask(viewerQuery, {})).then(({ me: got }) => {
    if (signal.aborted) return;
    show(got, mine);
    remember(got, mine);
  }, (e) => {
    if (!(e instanceof Refused)) throw e;
  });
});
