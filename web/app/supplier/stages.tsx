import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { ask, useLive } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { said, type Text, words } from '../shared/language';
import { paced } from '../shared/paced';
import { chain, stages } from '../shared/terms';
import { date, hear, now, when } from '../shared/time';
import { me } from '../shared/viewer';
import { instantOf } from '../shared/zoned';

const board = graphql(`
  subscription SupplierBoard($communityId: ID!) {
    board(communityId: $communityId) { at deliveredToday stages { stage count } }
  }
`);

const ordersAt = graphql(`
  query StageOrders($communityId: ID!, $filter: OrderFilter!, $after: String, $returned: Boolean!) {
    orders(communityId: $communityId, filter: $filter, orderBy: { field: STAGE_SINCE, direction: DESC }, first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id number address stageSince history(last: 5) @include(if: $returned) { kind reason order { stage } } }
    }
  }
`);
type Row = ResultOf<typeof ordersAt>['orders']['nodes'][number];
type Stage = ReturnType<typeof graphql.scalar<'Stage'>>;

const w = words({
  loading: ['正在载入…', 'Loading…'],
  stages: ['各环节订单数', 'Orders by stage'],
  today: ['今日入户', 'Delivered today'],
  sentence: [(n: number, m: number) => `${n} 单待发货，${m} 单在路上。`, (n: number, m: number) => `${n === 1 ? '1 order' : `${n} orders`} to send, ${m} on their way.`],
  none: ['没有这样的订单。', 'There is no such order.'],
  further: ['再显示 100 单', 'Show 100 more'],
});

/** Why an order was returned. */
const reasons: Readonly<Record<string, Text>> = {
  REFUSED: ['拒收', 'refused'],
  UNREACHABLE: ['联系不上', 'unreachable'],
  DUPLICATE: ['重复下单', 'ordered twice'],
  DAMAGED: ['损坏或变质', 'damaged or spoiled'],
  WRONG_GOODS: ['货不对单', 'wrong goods'],
  UNSAFE: ['不安全', 'not safe to hand over'],
};

const name = (stage: string) => (stage === 'DELIVERED' ? w.today : said(stages[stage], stage));

/** How many of the supplier's orders are at each stage. From the gate on, each number opens its orders. */
export function Stages() {
  const community = me.value!.community!.id;
  const open = useSignal<Stage | null>(null);
  const stream = useLive(board, { communityId: community });
  const got = stream.value.data?.board;
  useEffect(() => {
    if (got) hear(got.at);
  }, [got]);
  if (!got) return <p role="status">{stream.value.error ?? w.loading}</p>;
  const counts = new Map<string, number>([...got.stages.map((s) => [s.stage, s.count] as const), ['DELIVERED', got.deliveredToday]]);
  const shown = open.value;
  return (
    <>
      <p id="sentence">{w.sentence(counts.get('PLACED') ?? 0, counts.get('DISPATCHED') ?? 0)}</p>
      <ul class="counts" aria-label={w.stages}>
        {[...chain, 'RETURNED'].map((stage) => {
          const inside = <>{stage !== 'RETURNED' && <b>{counts.get(stage) ?? 0}</b>} {name(stage)}</>;
          const listed = stage !== 'PLACED' && stage !== 'DISPATCHED'; // these have lists to work on
          return <li key={stage} data-stage={stage}>{listed ? <button type="button" aria-expanded={shown === stage} onClick={() => (open.value = shown === stage ? null : (stage as Stage))}>{inside}</button> : inside}</li>;
        })}
      </ul>
      {shown && <OrdersAt key={shown} community={community} stage={shown} version={JSON.stringify([...counts])} />}
    </>
  );
}

const apart = 2_000; // ms between two readings for each page that is shown

/** The orders of a stage, those that came to it last first. version changes when they may have; then the pages that are shown are read again. */
function OrdersAt({ community, stage, version }: { community: string; stage: Stage; version: string }) {
  const rows = useSignal<readonly Row[] | null>(null);
  const more = useSignal(false);
  const pages = useSignal(1);
  const refused = useSignal('');
  const day = date(now.value);
  const shown = pages.value;

  const reading = useMemo(() => paced(async (latest) => {
    const filter = { stages: [stage], ...(stage === 'DELIVERED' && { movedFrom: instantOf(`${day}T00:00`) }) };
    const list: Row[] = [];
    try {
      for (let page = 1, after: string | null = null; ; page++) {
        const { orders }: ResultOf<typeof ordersAt> = await ask(ordersAt, { communityId: community, filter, after, returned: stage === 'RETURNED' });
        if (!latest()) return;
        list.push(...orders.nodes);
        more.value = orders.pageInfo.hasNextPage;
        if (!more.value || page >= shown) break;
        after = orders.pageInfo.endCursor;
      }
      rows.value = list;
      refused.value = '';
    } catch (e) {
      if (latest()) refused.value = e instanceof Error ? e.message : String(e);
      throw e;
    }
  }, apart * shown), [community, stage, day, shown]);
  useEffect(() => reading.stop, [reading]);
  useEffect(reading.soon, [reading, version]);

  const why = (o: Row) => {
    const reason = o.history?.filter((e) => e.kind === 'ORDER_MOVED' && e.order.stage === 'RETURNED').at(-1)?.reason;
    return reason && said(reasons[reason], reason);
  };
  return (
    <section class="stack" id="stage">
      <h2>{name(stage)}</h2>
      {refused.value && <p class="refused" role="alert">{refused}</p>}
      {!rows.value && !refused.value && <p role="status">{w.loading}</p>}
      {rows.value?.length === 0 && <p>{w.none}</p>}
      {rows.value && rows.value.length > 0 && <ul class="orders">{rows.value.map((o) => <li key={o.id}><span><b>#{o.number}</b> {o.address}</span><small class="faint">{[when(o.stageSince), why(o)].filter(Boolean).join(' · ')}</small></li>)}</ul>}
      {rows.value && more.value && <p><button type="button" class="further" onClick={() => pages.value++}>{w.further}</button></p>}
    </section>
  );
}
