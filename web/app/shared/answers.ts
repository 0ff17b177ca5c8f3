import { effect, signal, untracked } from '@preact/signals';

import { address } from './address';
import { estateTime } from './time';

/** Whether the server answers the page's requests: unknown before the first one ends, then as the last one ended. Pages without a stream show it as their connection. */
export const answers = signal<'unknown' | 'live' | 'lost'>('unknown');
/** When the server answered last, by the estate's clock, in ms; null before. */
export const lastAnswer = signal<number | null>(null);

const patience = 4_000; // ms for the answer to a probe
const pauses = [1_000, 1_000, 2_000, 4_000, 8_000, 15_000]; // ms before each probe; the last one repeats

let timer: ReturnType<typeof setTimeout> | undefined;
let tries = 0;

/** Records that the server answered. A gateway that cannot reach the server answers in its place. */
export function answered({ status }: Response) {
  if (status >= 502 && status <= 504) return unanswered();
  clearTimeout(timer);
  timer = undefined;
  tries = 0;
  lastAnswer.value = estateTime();
  answers.value = 'live';
}

/** Records that a request had no answer. The server is asked again and again until it answers. */
export function unanswered() {
  answers.value = 'lost';
  timer ??= setTimeout(() => {
    timer = undefined;
    probe();
  }, pauses[Math.min(tries++, pauses.length - 1)]);
}

/** Asks the server whether it is there. */
export function probe() {
  const late = new AbortController();
  const limit = setTimeout(() => late.abort(), patience);
  fetch(address('healthz'), { cache: 'no-store', signal: late.signal }).then(answered, unanswered).finally(() => clearTimeout(limit));
}

// A device that has a network again, or that wakes, asks at once.
function soon() {
  if (answers.value !== 'lost') return;
  tries = 0;
  clearTimeout(timer);
  timer = undefined;
  probe();
}
addEventListener('online', soon);
addEventListener('offline', () => answers.value === 'live' && unanswered());
document.addEventListener('visibilitychange', () => !document.hidden && soon());

/** Calls back each time the server answers after a request that had no answer. Returns a function that stops it. */
export function onReturn(back: () => void): () => void {
  let was = answers.peek();
  return effect(() => {
    const now = answers.value;
    const returned = was === 'lost' && now === 'live';
    was = now;
    if (returned) untracked(back);
  });
}
