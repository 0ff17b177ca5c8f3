import { type Signal, signal } from '@preact/signals';
import { type AnyVariables, Client, type CombinedError, fetchExchange, mapExchange, subscriptionExchange, type TypedDocumentNode } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { useEffect, useMemo } from 'preact/hooks';

import { address } from './address';
import { answered, onReturn, unanswered } from './answers';
import { connection, reconnected, socket } from './connection';
import { locale } from './language';
import { mayBeginAgain, Refused, Unreachable } from './post';
import { persist, token, verify } from './session';
import { pause, wait } from './store';
import { hearAnswer } from './time';

/** How long an answer is waited for (ms): longer than the server takes at most (30 s). On a connection that has died in silence none comes. */
const patience = 45_000;

/** Fetches until the server begins to answer, or a limit of time or `over` ends it. AbortSignal.any does the same, but browsers that the build supports do not have it. */
async function within(limit: number, input: RequestInfo | URL, init: RequestInit = {}, over?: AbortSignal): Promise<Response> {
  const ended = new AbortController();
  const abort = () => ended.abort();
  const causes = [init.signal, over].filter((c) => !!c);
  for (const cause of causes) {
    if (cause.aborted) abort();
    cause.addEventListener('abort', abort);
  }
  const timer = setTimeout(abort, limit);
  return fetch(input, { ...init, signal: ended.signal }).then((answer) => {
    hearAnswer(answer);
    answered(answer);
    return answer;
  }, (e: unknown) => {
    if (!causes.some((c) => c.aborted)) unanswered();
    throw e;
  }).finally(() => {
    clearTimeout(timer);
    over?.removeEventListener('abort', abort); // init.signal still ends the reading of the answer
  });
}

type Fetching = (input: RequestInfo | URL, init?: RequestInit, over?: AbortSignal) => Promise<Response>;

/** Fetches what changes nothing. A request that waits while the page finds a new connection may wait on the old one, so it is sent once more. */
const resent = (fetching: Fetching) => async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
  const over = reconnected();
  try {
    return await fetching(input, init, over);
  } catch (e) {
    if (!over.aborted || init?.signal?.aborted) throw e;
    return fetching(input, init);
  }
};

/**
 * Fetches a list. While the server is heard but no answer begins, it asks again beside the first request, which may wait on a connection that has
 * died in silence. The first answer counts; that of a later request only if it is no refusal.
 */
const asking: Fetching = async (input, init, over) => {
  const rest = new AbortController();
  const stop = () => rest.abort();
  over?.addEventListener('abort', stop);
  if (over?.aborted) stop();
  let settled = false;
  const ask = () => within(patience, input, init, rest.signal);
  const first = ask().finally(() => (settled = true));
  const after = async (ms: number) => {
    await Promise.race([wait(ms), first.then(() => {}, () => {})]);
    if (settled || connection.value !== 'live') return first;
    const answer = await ask();
    return answer.ok && !answer.headers.has('Retry-After') ? answer : first;
  };
  return Promise.any([first, ...[1_000, 4_000].map(after)]).catch(() => first).finally(() => {
    over?.removeEventListener('abort', stop);
    stop();
  });
};

const readingOnce = resent((input, init, over) => within(patience, input, init, over));
const readingList = resent(asking);

/** The client of all operations. Its cache is normalised by the objects' ids, so that what a stream brings changes what lists show. */
export const client = new Client({
  url: address('graphql'),
  preferGetMethod: false,
  fetch: (input, init) => within(patience, input, init),
  fetchOptions: () => ({
    headers: { Accept: 'application/json', 'Accept-Language': locale(), ...(token.value ? { Authorization: `Bearer ${token.value}` } : {}) },
    cache: 'no-store',
  }),
  exchanges: [
    mapExchange({
      onError(error) {
        if (error.graphQLErrors.some((e) => e.extensions?.['code'] === 'UNAUTHENTICATED')) void verify();
      },
    }),
    cacheExchange({ keys: {} }),
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
      }),
    }),
    fetchExchange,
  ],
});

/** What is known about an answer: its data, and why there is none or why it may be old. */
export type Answer<T> = { data: T | null; error: string | null };

const refusal = (e: CombinedError) => (e.graphQLErrors[0] ? new Refused(e.graphQLErrors[0] as never) : e.networkError ? new Unreachable(e.networkError) : e);
const sentence = (e: CombinedError) => refusal(e).message;

/** Reads once. It fails with Refused, or with another error if there is no answer. */
export async function ask<T, V extends AnyVariables>(query: TypedDocumentNode<T, V>, variables: V, fetch = readingOnce): Promise<T> {
  const { data, error } = await client.query(query, variables, { requestPolicy: 'network-only', fetch }).toPromise();
  if (error) throw refusal(error);
  return data!;
}

/** Reads a list that follows events. A slow answer is asked for up to three times, so the query should be cheap. It fails as `ask` does. */
export function askList<T, V extends AnyVariables>(query: TypedDocumentNode<T, V>, variables: V): Promise<T> {
  return ask(query, variables, readingList);
}

/** Sends a mutation until it is answered; the input must carry a clientMutationId that stays the same. It fails with Refused. */
export async function act<T, V extends AnyVariables>(mutation: TypedDocumentNode<T, V>, variables: V, failed?: (e: unknown) => void): Promise<T> {
  return persist(async () => {
    const { data, error } = await client.mutation(mutation, variables).toPromise();
    if (error) throw refusal(error);
    return data!;
  }, failed);
}

/**
 * Opens a state stream while the component is shown, as a signal. It begins with the present, again after every reconnect, and after an error that may pass.
 * null as variables opens nothing. The variables' text decides what is "the same".
 */
export function useLive<T, V extends AnyVariables>(stream: TypedDocumentNode<T, V>, variables: V | null): Signal<Answer<T>> {
  return useSource(variables, (v, out) => {
    let over = false;
    let close = () => {};
    const begin = (tries: number) => {
      close = client.subscription(stream, v).subscribe(({ data, error }) => {
        out.value = { data: data ?? out.peek().data, error: error ? sentence(error) : null };
        if (!error) tries = 0;
        else if (mayBeginAgain(error.graphQLErrors[0]?.extensions['code'] as string | undefined)) {
          void pause(tries).then(() => {
            if (over) return;
            close();
            begin(tries + 1);
          });
        }
      }).unsubscribe;
    };
    begin(0);
    return () => {
      over = true;
      close();
    };
  });
}

/** Reads a query while the component is shown, as a signal that follows the cache. It is read again when the server answers after a request without an answer. */
export function useRead<T, V extends AnyVariables>(query: TypedDocumentNode<T, V>, variables: V | null): Signal<Answer<T>> {
  return useSource(variables, (v, out) => {
    const read = () => client.query(query, v, { requestPolicy: 'cache-and-network', fetch: readingOnce }).subscribe(({ data, error }) => {
      out.value = { data: data ?? out.peek().data, error: error ? sentence(error) : null };
    }).unsubscribe;
    let close = read();
    const stop = onReturn(() => {
      close();
      close = read();
    });
    return () => {
      stop();
      close();
    };
  });
}

function useSource<T, V>(variables: V | null, open: (v: V, out: Signal<Answer<T>>) => () => void): Signal<Answer<T>> {
  const key = JSON.stringify(variables);
  const out = useMemo(() => signal<Answer<T>>({ data: null, error: null }), [key]);
  useEffect(() => (variables === null ? undefined : open(variables, out)), [key]);
  return out;
}

/** Calls back for every event of a stream of events while the component is shown, each once. */
export function useEvents<T, V extends AnyVariables>(stream: TypedDocumentNode<T, V>, variables: V | null, each: (data: T) => void) {
  useSource<T, V>(variables, (v) => client.subscription(stream, v).subscribe(({ data }) => data && each(data)).unsubscribe);
}
