import { computed, effect, signal } from '@preact/signals';
import { createClient } from 'graphql-ws';

import { backoff, resuming } from '../../../clients/resume.mjs';
import { socketAddress } from './address';
import { language, locale } from './language';
import { token, verify } from './session';
import { estateTime } from './time';

/**
 * How the page's connection is: none while no stream is open, live while the server answers, connecting at first and for a moment after a
 * loss, then lost.
 */
export const connection = signal<'none' | 'connecting' | 'live' | 'lost'>('none');
/** When the server was last heard, by the estate's clock, in ms; null before. */
export const lastHeard = signal<number | null>(null);
let heardAt = 0; // by this device's clock

const beat = 10_000; // ms between pings
const patience = 4_000; // ms for a pong
const moment = 1_500; // ms without a connection before the page says so

let greetedWith: string | null = null; // the token of the last connection

let wake = new AbortController(); // aborted when a retry should not wait any longer

const client = createClient({
  url: socketAddress('graphql'),
  connectionParams: () => {
    greetedWith = token.value;
    return greetedWith ? { Authorization: `Bearer ${greetedWith}`, locale: locale() } : { locale: locale() };
  },
  lazyCloseTimeout: 2_000,
  keepAlive: beat,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: async (attempts) => {
    // A page that is looked at tries more often, for its first minutes without a server: an outage must not cost it more than 2 s.
    const longest = document.hidden ? 30_000 : attempts < 80 ? 1_500 : 10_000;
    const signal = wake.signal;
    await Promise.race([
      backoff(attempts).then(() => undefined),
      new Promise((done) => setTimeout(done, longest * (0.5 + Math.random() / 2))),
      new Promise((done) => signal.addEventListener('abort', done, { once: true })),
    ]);
  },
  on: {
    connecting: () => lose(),
    connected: () => heard(),
    message: () => heard(),
    pong: () => heard(),
    closed: (event) => {
      clearTimeout(silence);
      const { code } = event as CloseEvent;
      if (code === 4403 && greetedWith === token.value) void verify();
      if (code === 1000) connection.value = 'none';
      else lose();
    },
    ping: (received) => {
      if (!received) silence = setTimeout(() => client.terminate(), patience);
    },
  },
});

let silence: ReturnType<typeof setTimeout>;
let losing: ReturnType<typeof setTimeout> | undefined;

// lose says that the connection is lost, unless the server is heard within a moment.
function lose() {
  if (connection.value === 'lost') return;
  connection.value = 'connecting';
  losing ??= setTimeout(() => (connection.value = 'lost'), moment);
}

function heard() {
  clearTimeout(silence);
  clearTimeout(losing);
  losing = undefined;
  connection.value = 'live';
  heardAt = Date.now();
  lastHeard.value = estateTime();
}

/** The client of all streams. It reconnects by itself; streams of events go on after their last cursor. */
export const socket = resuming(client);

// A new token or language is told by a new connection. Streams begin again on it.
let first = true;
effect(() => {
  void [token.value, language.value];
  if (!first) client.terminate();
  first = false;
});

// After sleep, or with another network, the old socket may seem open for minutes. Ask at once.
function awake() {
  if (connection.value === 'none') return;
  if (connection.value !== 'live') {
    wake.abort();
    wake = new AbortController();
  } else if (Date.now() - heardAt > 1_000) client.terminate();
}
addEventListener('online', awake);
addEventListener('pageshow', (e) => (e as PageTransitionEvent).persisted && awake());
document.addEventListener('visibilitychange', () => !document.hidden && awake());
let ticked = Date.now();
setInterval(() => {
  const gap = Date.now() - ticked;
  ticked = Date.now();
  if (gap > 5_000) awake(); // the device slept
}, 1_000);

let next = new AbortController(); // aborted when a connection follows a lost one

/** A signal that is aborted when the page has a connection again after its present one, or the last one, was lost. */
export const reconnected = (): AbortSignal => next.signal;

let gone = false; // a connection was lost, and none has followed
let before = connection.peek();
effect(() => {
  const now = connection.value;
  if (now === 'live' && gone) {
    next.abort();
    next = new AbortController();
  }
  gone = now === 'live' || now === 'none' ? false : gone || before === 'live';
  before = now;
});

/** Whether the page has no connection: what it shows may be old. */
export const stale = computed(() => connection.value === 'lost');
