import type { ComponentChildren } from 'preact';

import type { Answer } from '../shared/api';
import { words } from '../shared/language';

const w = words({ loading: ['正在载入…', 'Loading…'] });

/** A section of the page with its own answer: what is refused stands in its place. */
export function Section<T>({ id, title, read, children }: { id: string; title: string; read: Answer<T>; children: (data: T) => ComponentChildren }) {
  return (
    <section class="stack" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {read.error && <p class="refused" role="alert">{read.error}</p>}
      {!read.data && !read.error && <p role="status">{w.loading}</p>}
      {read.data && children(read.data)}
    </section>
  );
}
