import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { address } from '../shared/address';
import { act, useLive } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { said, type Text, words } from '../shared/language';
import { newKey } from '../shared/store';
import { clock, when } from '../shared/time';
import { me } from '../shared/viewer';
import { refresh } from './orders';

const arrivalStream = graphql(`
  subscription Arrivals($communityId: ID!) {
    arrivals(communityId: $communityId) { id number state expectedAt slotAt dock late bagsAnnounced bagsCounted bagsMissing bagsDamaged orders receivedAt arrivedAt }
  }
`);

type Arrival = ResultOf<typeof arrivalStream>['arrivals'][number];

const states = {
  ANNOUNCED: ['已预告', 'announced'],
  ARRIVED: ['已到门口', 'at the gate'],
  RECEIVED: ['已清点', 'counted'],
  CANCELLED: ['取消', 'cancelled'],
} satisfies Record<Arrival['state'], Text>;

const w = words({
  title: ['今日到货', "Today's deliveries"],
  none: ['今天还没有到货。', 'No deliveries today yet.'],
  expected: [(t: string, dock: number | null) => `预计 ${t}${dock ? `，${dock} 号位` : ''}`, (t: string, dock: number | null) => `expected ${t}${dock ? `, dock ${dock}` : ''}`],
  size: [(orders: number, bags: number) => `${orders} 单 ${bags} 件`, (orders: number, bags: number) => `${orders === 1 ? '1 order' : `${orders} orders`}, ${bags === 1 ? '1 bag' : `${bags} bags`}`],
  counted: [(n: number) => `清点 ${n} 件`, (n: number) => `${n} counted`],
  missing: [(n: number) => `缺 ${n} 件`, (n: number) => `${n} missing`],
  damaged: [(n: number) => `破损 ${n} 件`, (n: number) => `${n} damaged`],
  late: ['晚点', 'late'],
  labels: ['打印标签', 'Print labels'],
  cancel: ['取消', 'Cancel'],
  sure: ['这辆车不来了吗？车上的订单可以随另一辆车重新预告。', 'Is this truck not coming? Its orders can be announced again with another truck.'],
  yes: ['取消此车', 'Cancel the delivery'],
  no: ['不取消', 'Keep it'],
  cancelled: ['门口不再等这辆车。', 'The gate no longer expects this truck.'],
});

const cancelArrival = graphql(`
  mutation CancelArrival($input: CancelArrivalInput!) {
    cancelArrival(input: $input) { arrival { id state } userErrors { message } }
  }
`);

/** Cancels a delivery that is not counted yet, and asks before. */
function Cancel({ arrival }: { arrival: Arrival }) {
  const asking = useSignal(false);
  const key = useSignal(newKey());
  const doing = useAct();
  async function send() {
    const input = { clientMutationId: key.value, arrivalId: arrival.id };
    await doing.run(async (failed) => (await act(cancelArrival, { input }, failed)).cancelArrival, () => w.cancelled);
    key.value = newKey();
    asking.value = false;
    refresh();
  }
  return (
    <>
      {asking.value ? (
        <span class="row" role="alert"><span>{w.sure}</span><button class="danger" disabled={doing.busy.value} onClick={send}>{w.yes}</button><button onClick={() => (asking.value = false)}>{w.no}</button></span>
      ) : <button class="cancel" aria-label={`${w.cancel} #${arrival.number}`} onClick={() => (asking.value = true)}>{w.cancel}</button>}
      <Said of={doing} />
    </>
  );
}

/** Today's trucks of the supplier, live, with what the gate counted. */
export function Arrivals() {
  const stream = useLive(arrivalStream, { communityId: me.value!.community!.id });
  const list = stream.value.data?.arrivals ?? [];
  return (
    <section class="stack" id="arrivals">
      <h2>{w.title}</h2>
      {stream.value.error && <p class="refused">{stream.value.error}</p>}
      {list.length === 0 && <p>{w.none}</p>}
      <ul class="orders">
        {list.map((a) => (
          <li key={a.id} data-arrival={a.number}>
            <span><b>#{a.number}</b> {said(states[a.state as keyof typeof states], a.state)}{a.late && ` · ${w.late}`} · {w.size(a.orders, a.bagsAnnounced)}<br />
              <small class="faint">{[
                a.receivedAt ? when(a.receivedAt) : a.arrivedAt ? when(a.arrivedAt) : a.expectedAt && w.expected(clock(a.expectedAt), a.dock),
                a.bagsCounted !== null && w.counted(a.bagsCounted), a.bagsMissing > 0 && w.missing(a.bagsMissing), a.bagsDamaged > 0 && w.damaged(a.bagsDamaged),
              ].filter(Boolean).join(' · ')}</small></span>
            <a href={address(`print/labels/${a.id}`)} aria-label={`${w.labels} #${a.number}`}>{w.labels}</a>
            {(a.state === 'ANNOUNCED' || a.state === 'ARRIVED') && <Cancel arrival={a} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
