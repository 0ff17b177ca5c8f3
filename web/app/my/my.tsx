import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { unreadable } from '../shared/follow';
import { words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { token } from '../shared/session';
import { store } from '../shared/store';
import { estateOf, when } from '../shared/time';
import { me } from '../shared/viewer';
import { Aloud } from './aloud';
import { Desk } from './desk';
import { EndedOrder } from './ended';
import { lazily } from './lazy';
import { OpenOrder } from './order';
import { followMine, type Mine, mine, old } from './orders';
import type { Told } from './ordering';
import { sentenceOf } from './sentence';
import { TextSize } from './size';

const w = words({
  nothing: ['您现在没有在途的订单。', 'You have no order on its way.'],
  order: ['我要下单', 'Place an order'],
  close: ['收起', 'Close'],
  earlier: ['最近完成的订单', 'Recent orders'],
  asOf: [(t: string) => `这是 ${t} 的情况，联网后自动更新。`, (t: string) => `This is how it was at ${t}. It is updated when the connection is back.`],
  loading: ['正在载入…', 'Loading…'],
});

const Ordering = lazily(() => import('./ordering').then((m) => m.Ordering));

export function MyPage() {
  const who = me.value;
  const shown = mine.value;
  const home = who?.household?.id;
  useEffect(() => {
    if (who && shown && shown.household !== home) mine.value = null; // another household's
    return who ? followMine(who) : undefined;
  }, [home]);
  return (
    <Frame title={['我的订单', 'My orders']} class="narrow large my">
      {token.value && !who && shown ? <Orders of={shown} /> : (
        <SignedIn page="my">
          {shown ? <Orders of={shown} /> : <p role="status">{unreadable.value ?? w.loading}</p>}
        </SignedIn>
      )}
    </Frame>
  );
}

function Orders({ of }: { of: Mine }) {
  const ordering = useSignal(store.get('order') !== null);
  const told = useSignal<Told | null>(null);
  const offline = of.kept;
  const { number } = told.value ?? {};
  const moved = number !== undefined && (of.ended.some((o) => o.number === number) || of.open.some((o) => o.number === number && o.stage !== 'PLACED'));
  const said = moved ? null : told.value;
  const sentences = of.open.map(sentenceOf);
  return (
    <div class="stack">
      {!me.value && <p class="faint">{of.address}</p>}
      {old() && <p id="old" class="note warn" role="status">{w.asOf(when(estateOf(of.at)))}</p>}
      {of.open.length === 0 && <p id="nothing" class="sentence">{w.nothing}</p>}
      {of.open[0] && <OpenOrder key={of.open[0].id} order={of.open[0]} offline={offline} />}
      <Aloud text={sentences.join('\n') || w.nothing} />
      {of.open.slice(1).map((o) => <OpenOrder key={o.id} order={o} offline={offline} />)}
      <button id="order" type="button" class="main wide" disabled={offline} aria-expanded={ordering.value} onClick={() => {
        ordering.value = !ordering.value;
        told.value = null;
      }}>{ordering.value ? w.close : `＋ ${w.order}`}</button>
      {ordering.value && !offline && <Ordering close={(done) => {
        ordering.value = false;
        told.value = done ?? null;
      }} />}
      <p id="told" role="status" class="note good" hidden={!said}>{said?.says()}</p>
      <Desk enquiries={of.enquiries} offline={offline} />
      {of.ended.length > 0 && (
        <section class="stack" id="earlier">
          <h2>{w.earlier}</h2>
          {of.ended.map((o) => <EndedOrder key={o.id} order={o} offline={offline} />)}
        </section>
      )}
      <TextSize />
    </div>
  );
}
