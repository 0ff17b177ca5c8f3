import { type Signal, signal } from '@preact/signals';
import { type AnyVariables, Client, type CombinedError, fetchExchange, mapExchange, subscriptionExchange, type TypedDocumentNode } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { useEffect, useMemo } from 'preact/hooks';

import { address } from './address';
import { socket } from './connection';
import { locale } from './language';
import { Refused, Unreachable } from './post';
import { persist, token, verify } from './session';

/** How long an answer is waited for (ms): longer than the server takes at most (30 s). On a connection that has died in silence none comes. */
const patience = 45_000;

/** Fetches with a limit of time. AbortSignal.any does the same, but browsers that the build supports do not have it. */
async function inTime(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const limit = new AbortController();
  const abort = () => limit.abort();
  if (init.signal?.aborted) abort();
  init.signal?.addEventListener('abort', abort);
  const timer = setTimeout(abort, patience);
  return fetch(input, { ...init, signal: limit.signal }).finally(() => clearTimeout(timer));
}

/** The client of all operations. Its cache is normalised by the objects' ids, so that what a stream brings changes what lists show. */
export const client = new Client({
  url: address('graphql'),
  preferGetMethod: false,
  fetch: inTime,
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
export async function ask<T, V extends AnyVariables>(query: TypedDocumentNode<T, V>, variables: V): Promise<T> {
  const { data, error } = await client.query(query, variables, { requestPolicy: 'network-only' }).toPromise();
  if (error) throw refusal(error);
  return data!;
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
 * Opens a state stream or reads a list while the component is shown, as a signal. A state stream begins with the present, again after every
 * reconnect. null as variables opens nothing. The variables' text decides what is "the same".
 */
export function useLive<T, V extends AnyVariables>(stream: TypedDocumentNode<T, V>, variables: V | null): Signal<Answer<T>> {
  return useSource(variables, (v, out) => client.subscription(stream, v).subscribe(({ data, error }) => {
    out.value = { data: data ?? out.peek().data, error: error ? sentence(error) : null };
  }).unsubscribe);
}

/** Reads a query while the component is shown, as a signal that follows the cache. */
export function useRead<T, V extends AnyVariables>(query: TypedDocumentNode<T, V>, variables: V | null): Signal<Answer<T>> {
  return useSource(variables, (v, out) => client.query(query, v, { requestPolicy: 'cache-and-network' }).subscribe(({ data, error }) => {
    out.value = { data: data ?? out.peek().data, error: error ? sentence(error) : null };
  }).unsubscribe);
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
