import { batch } from '@preact/signals';
import { type AnyVariables, stringifyDocument, type TypedDocumentNode } from '@urql/core';

import { socket } from '../shared/connection';
import { mayBeginAgain } from '../shared/post';
import { wait } from '../shared/store';

type Fault = { message: string; extensions?: { code?: string } };

/**
 * Opens a stream past the cache: a board that hangs for days keeps nothing but the last state. The stream begins again after the server
 * ended it, also after a fault of its own, unless the person may not see it any more; then failed gets the server's sentence. Returns a function that closes it.
 */
export function watch<T, V extends AnyVariables>(stream: TypedDocumentNode<T, V>, variables: V, next: (data: T) => void, failed: (why: string) => void): () => void {
  const query = stringifyDocument(stream);
  const from: Record<string, unknown> = { ...variables }; // of a stream of events: after its last one
  let over = false;
  let stop = () => {};
  const again = () => void wait(1_000 + Math.random() * 2_000).then(() => over || begin());
  const ended = (fault: Fault) => {
    const forGood = !mayBeginAgain(fault.extensions?.code);
    if (fault.extensions?.code === 'RESYNC_REQUIRED' && 'after' in from) from['after'] = null; // the server has forgotten that event: only new ones are told
    if (forGood) failed(fault.message);
    return forGood;
  };
  const begin = () => {
    stop = socket.subscribe<T>({ query, variables: from }, {
      next: ({ data, errors }) => {
        if (data) {
          for (const event of Object.values(data as Record<string, { cursor?: string } | null>)) if (event?.cursor) from['after'] = event.cursor;
          next(data);
        }
        else if (errors?.[0]) ended(errors[0]);
      },
      error: (e) => {
        const fault = Array.isArray(e) ? (e as Fault[])[0] : undefined;
        if (!fault || !ended(fault)) again();
      },
      complete: () => over || again(),
    });
  };
  begin();
  return () => {
    over = true;
    stop();
  };
}

/**
 * Returns a function that applies changes in the next frame, all of one frame together. A change replaces an earlier one under its key that
 * was not applied yet. A page that is hidden draws no frames, and keeps the last change of each key.
 */
export function perFrame() {
  let pending = new Map<string, () => void>();
  let asked = false;
  return (key: string, change: () => void) => {
    pending.set(key, change);
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const all = pending;
      pending = new Map();
      batch(() => all.forEach((apply) => apply()));
    });
  };
}
