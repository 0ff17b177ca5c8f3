import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { words } from '../shared/language';
import { to } from './place';

const w = words({ close: ['关闭', 'Close'] });

/** What is open beside the board. It takes the focus when it opens, so that keyboards and screen readers are there. */
export function Panel({ id, title, shuts, children }: { id: string; title: string; shuts: Parameters<typeof to>[0]; children: ComponentChildren }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current?.focus({ preventScroll: true });
    head.current?.scrollIntoView({ block: 'nearest' });
  }, [id]);
  return (
    <section class="panel stack" aria-labelledby="panel">
      <header class="row">
        <h2 id="panel" ref={head} tabIndex={-1}>{title}</h2>
        <button class="shut" onClick={() => to(shuts)}>{w.close}</button>
      </header>
      {children}
    </section>
  );
}
