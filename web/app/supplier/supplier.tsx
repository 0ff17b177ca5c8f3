import { useEffect } from 'preact/hooks';

import { useLive } from '../shared/api';
import { unreadable } from '../shared/follow';
import { said, words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { chain, stages } from '../shared/terms';
import { hear } from '../shared/time';
import { me } from '../shared/viewer';
import { Arrivals } from './arrivals';
import { Imports } from './imports';
import { board, followOrders, orders, type Sending } from './orders';
import { ToSend } from './tosend';
import { Windows } from './windows';

const w = words({
  loading: ['正在载入…', 'Loading…'],
  stages: ['各环节订单数', 'Orders by stage'],
  today: ['今日入户', 'Delivered today'],
  sentence: [(n: number, m: number) => `${n} 单待发货，${m} 单在路上。`, (n: number, m: number) => `${n === 1 ? '1 order' : `${n} orders`} to send, ${m} on their way.`],
});

export function SupplierPage() {
  const supplier = me.value?.supplier?.id;
  const community = supplier && me.value?.community?.id;
  useEffect(() => (community ? followOrders(community) : undefined), [community, supplier]);
  const got = orders.value;
  return (
    <Frame title={['供货', 'Supply']} class="supplier">
      <SignedIn page="supplier">
        {got ? <Parts of={got} /> : <p role="status">{unreadable.value ?? w.loading}</p>}
      </SignedIn>
    </Frame>
  );
}

function Parts({ of }: { of: Sending }) {
  return (
    <div class="stack">
      <Counts />
      <ToSend orders={of.sending.nodes} more={of.sending.pageInfo.hasNextPage} />
      <Arrivals />
      <Windows />
      <Imports />
    </div>
  );
}

/** How many of the supplier's orders are at each stage. */
function Counts() {
  const stream = useLive(board, { communityId: me.value!.community!.id });
  const got = stream.value.data?.board;
  useEffect(() => {
    if (got) hear(got.at);
  }, [got]);
  if (!got) return <p role="status">{stream.value.error ?? w.loading}</p>;
  const counts = new Map<string, number>(got.stages.map((s) => [s.stage, s.count]));
  return (
    <>
      <p id="sentence">{w.sentence(counts.get('PLACED') ?? 0, counts.get('DISPATCHED') ?? 0)}</p>
      <ul class="counts" aria-label={w.stages}>
        {chain.map((stage) => <li key={stage} data-stage={stage}><b>{stage === 'DELIVERED' ? got.deliveredToday : counts.get(stage) ?? 0}</b> {stage === 'DELIVERED' ? w.today : said(stages[stage], stage)}</li>)}
      </ul>
    </>
  );
}
