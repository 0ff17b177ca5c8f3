import { effect, signal } from '@preact/signals';

import { client } from './api';
import { connection } from './connection';
import { graphql } from './graphql';
import { Refused } from './post';
import { pause } from './store';

const events = graphql(`
  subscription Moves($communityId: ID!, $after: String) {
    orderEvents(communityId: $communityId, after: $after) { cursor kind }
  }
`);

/** Why the list cannot be read, in the words of the server; null if it can. */
export const unreadable = signal<string | null>(null);

/**
 * Keeps a list of orders true: it calls read, which returns the list's feedCursor, at first, after every event of an order in sight, after every
 * reconnect, and once a minute for what events do not tell. Returns what reads soon, and what stops it.
 */
export function follow(communityId: string, read: () => Promise<string>): { soon: () => void; stop: () => void } {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unsubscribe = () => {};

  // refused shows why the server gives no list, and reports whether it said so. Else there was no answer.
  const refused = (e: unknown): boolean => {
    if (e instanceof Refused) unreadable.value = e.message;
    return e instanceof Refused;
  };
  const soon = () => {
    if (over) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      read().then(() => void (unreadable.value = null), (e: unknown) => void (refused(e) || pause(3).then(soon)));
    }, 200);
  };

  // listen opens the stream of events after what was read. When the server ends it, as after RESYNC_REQUIRED, the orders are read again.
  async function listen(tries: number) {
    let after: string;
    try {
      after = await read();
    } catch (e) {
      if (!refused(e)) void pause(tries).then(() => void (over || listen(tries + 1)));
      return;
    }
    if (over) return;
    const open = client.subscription(events, { communityId, after }).subscribe(({ data, error }) => {
      if (data) {
        tries = 0;
        soon();
      }
      if (!error || over) return;
      open.unsubscribe();
      void pause(tries).then(() => {
        if (!over) void listen(tries + 1);
      });
    });
    unsubscribe = open.unsubscribe;
  }

  void listen(0);
  const minute = setInterval(() => document.hidden || soon(), 60_000);
  let was = connection.peek();
  const reconnects = effect(() => {
    if (connection.value === 'live' && was === 'lost') soon();
    was = connection.value;
  });
  return {
    soon,
    stop() {
      over = true;
      clearTimeout(timer);
      clearInterval(minute);
      reconnects();
      unsubscribe();
    },
  };
}
