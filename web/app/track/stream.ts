import { signal } from '@preact/signals';

import { pause } from '../shared/store';

/** What a link shows of its order: no name, phone, goods or door. */
export type Tracked = {
  number: number;
  stage: string;
  stageSince: string;
  address: string;
  stageTimes: { stage: string; at: string }[];
  held: boolean;
};

/** The order as the stream told it last; null before. */
export const order = signal<Tracked | null>(null);
const link = location.pathname.replace(/\/$/, '');
const shown = `baogong:seen ${link}`; // in this window's storage

/** The stages that this window has shown of the link's order, in turn, also before a reload. */
export const seen = signal<readonly string[]>(kept());

function kept(): readonly string[] {
  try {
    return JSON.parse(sessionStorage.getItem(shown) ?? '[]') as string[];
  } catch {
    return []; // someone else's text, or a browser without storage
  }
}

function see(stage: string) {
  if (seen.value.at(-1) === stage) return;
  seen.value = [...seen.value, stage];
  try {
    sessionStorage.setItem(shown, JSON.stringify(seen.value));
  } catch {
    // it lasts until a reload
  }
}
/** How the page follows the link: the link may end for good. */
export const line = signal<'connecting' | 'live' | 'lost' | 'ended'>('connecting');
/** When the stream was last heard, as a time of this device. */
export const heard = signal(0);

type Result = { data?: { order: Tracked | null } | null; errors?: { extensions?: { code?: string } }[] };

/**
 * Opens the link's event stream. The browser reconnects after a broken stream. It gives up after an answer that is no stream; then follow asks
 * whether the link is still valid.
 */
export function follow(tries = 0) {
  const stream = new EventSource(`${link}/events`);
  stream.addEventListener('next', (event) => {
    const { data, errors } = JSON.parse((event as MessageEvent<string>).data) as Result;
    if (data?.order) {
      tries = 0;
      heard.value = Date.now();
      line.value = 'live';
      order.value = data.order;
      see(data.order.stage);
    } else if (errors?.some((e) => ['NOT_FOUND', 'UNAUTHENTICATED'].includes(e.extensions?.code ?? ''))) {
      stream.close();
      line.value = 'ended';
    }
  });
  stream.onerror = async () => {
    if (line.value === 'ended') return;
    line.value = 'lost';
    if (stream.readyState !== EventSource.CLOSED) return;
    const answer = await fetch(link, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
    if (answer?.status === 404) {
      line.value = 'ended';
      return;
    }
    await pause(tries);
    follow(tries + 1);
  };
}
