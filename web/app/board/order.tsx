import { useSignal } from '@preact/signals';

import { useLive } from '../shared/api';
import { said, words } from '../shared/language';
import { roles, stages } from '../shared/terms';
import { when } from '../shared/time';
import { useAct } from './act';
import { Take } from './beside';
import { HoldForm, Holds } from './hold';
import { cancelOrder, type OneOrder, orderStream } from './operations';
import { linkTo } from './place';
import { Panel } from './panel';
import type { State } from './state';
import { term, terms } from './terms';

const w = words({
  title: [(n: number) => `订单 #${n}`, (n: number) => `Order #${n}`],
  loading: ['正在载入…', 'Loading…'],
  order: ['订单', 'Order'],
  since: [(t: string) => `${t} 起`, (t: string) => `since ${t}`],
  acts: [(who: string) => `下一步由${who}处理`, (who: string) => `next: ${who}`],
  holder: [(who: string) => `责任人 ${who}`, (who: string) => `held by ${who}`],
  alone: ['无人负责', 'without holder'],
  due: [(t: string) => `时限 ${t}`, (t: string) => `due ${t}`],
  expected: [(t: string) => `预计入户 ${t}`, (t: string) => `at the door about ${t}`],
  bags: [(n: number, counted: number) => `${n} 件，已清点 ${counted}`, (n: number, counted: number) => `${n === 1 ? '1 bag' : `${n} bags`}, ${counted} counted`],
  late: [(level: string) => `超时：${level}`, (level: string) => `late: ${level}`],
  follows: ['责任人由环节和楼栋决定，一单不能单独改派。', 'The holder follows from the stage and the building; a single order cannot be given to another person.'],
  reassign: [(b: string) => `${b} 的责任人：查看、调整`, (b: string) => `Who serves ${b}: see and change`],
  history: ['经过', 'History'],
  incidents: ['异常', 'Incidents'],
  holds: ['暂停', 'Holds'],
  taken: [(who: string) => `${who} 处理中`, (who: string) => `taken by ${who}`],
  what: ['此订单', 'this order'],
  cancel: ['取消订单', 'Cancel the order'],
  why: ['原因', 'Reason'],
  goods: ['物品', 'Goods'],
  note: ['住户的话', "The household's words"],
});

export function OrderPanel({ id, state, shuts }: { id: string; state: State; shuts: Parameters<typeof linkTo>[0] }) {
  const { data, error } = useLive(orderStream, { id }).value;
  const o = data?.order;
  return (
    <Panel id={id} title={o ? w.title(o.number) : w.order} shuts={shuts}>
      {error && !o ? <p class="note bad" role="alert">{error}</p> : !o ? <p role="status">{w.loading}</p> : <Details order={o} state={state} />}
    </Panel>
  );
}

function Details({ order: o, state }: { order: OneOrder; state: State }) {
  const who = o.holder?.__typename === 'Volunteer' ? o.holder.code : o.holder?.name;
  const final = ['DELIVERED', 'CANCELLED', 'RETURNED'].includes(o.stage);
  const cancels = o.allowedMoves.find((m) => m.kind === 'CANCEL');
  return (
    <div class="stack" id="order">
      <p><b>{o.address}</b> · {o.supplier?.name}</p>
      <p id="stage"><b>{said(stages[o.stage], o.stage)}</b> · {w.since(when(o.stageSince))}</p>
      {!final && <p>{w.acts(term(terms.posts, o.actsNext))} · {who ? w.holder(who) : w.alone}</p>}
      <p class="flags">
        {o.lateLevel && <span class="flag warn">{w.late(term(terms.levels, o.lateLevel))}</span>}
        <span>{w.bags(o.bags, o.bagsIn)}</span>
        {o.targetAt && <span>{w.due(when(o.targetAt))}</span>}
        {o.expectedAt && <span>{w.expected(when(o.expectedAt))}</span>}
      </p>
      {!final && <p class="faint">{w.follows} <a {...linkTo({ building: o.building.id, order: null, show: null, truck: null })}>{w.reassign(o.building.code)}</a></p>}
      {o.holds.length > 0 && <section class="stack"><h3>{w.holds}</h3><Holds holds={o.holds} /></section>}
      {o.incidents.length > 0 && (
        <section class="stack"><h3>{w.incidents}</h3>
          <ul class="lines">{o.incidents.map((i) => <li key={i.id}><OneIncident incident={i} state={state} /></li>)}</ul>
        </section>
      )}
      {!final && <HoldForm id={o.id} what={w.what} />}
      {cancels && <Cancel order={o} reasons={cancels.reasons} />}
      {o.lines.length > 0 && <section class="stack"><h3>{w.goods}</h3><ul>{o.lines.map((l) => <li key={l.id}>{l.item} {l.quantity} {l.unit}</li>)}</ul></section>}
      {o.note && <p>{w.note}: {o.note}</p>}
      <section class="stack"><h3>{w.history}</h3><History order={o} /></section>
    </div>
  );
}

/** An incident of the order. The order's stream does not say that it was taken; the stream of incidents does. */
function OneIncident({ incident, state }: { incident: OneOrder['incidents'][number]; state: State }) {
  const i = state.alerts.value?.find((a) => a.id === incident.id) ?? incident;
  return (
    <div class="incident">
      <div><b>{term(terms.incidentKinds, i.kind)}</b> {term(terms.incidentStates, i.state)}<div class="faint">{term(terms.levels, i.level)} · {when(i.openedAt)}{i.owner && <> · {w.taken(i.owner.code)}</>}</div></div>
      {i.state !== 'RESOLVED' && <Take id={i.id} owner={i.owner?.id ?? null} />}
    </div>
  );
}

/** What happened to the order, the newest first. */
function History({ order: o }: { order: OneOrder }) {
  return (
    <ol class="lines" id="history">
      {[...o.history].reverse().map((e) => (
        <li key={e.order.version}>
          <b>{e.kind === 'ORDER_MOVED' ? said(stages[e.order.stage], e.order.stage) : term(terms.eventKinds, e.kind)}</b>
          {e.reason && <> · {term(terms.moveReasons, e.reason)}</>}{e.holdReason && <> · {term(terms.holdReasons, e.holdReason)}</>}
          <div class="faint">{when(e.at)} · {said(roles[e.by.role], e.by.role)}</div>
        </li>
      ))}
    </ol>
  );
}

type Reason = OneOrder['allowedMoves'][number]['reasons'][number];

function Cancel({ order: o, reasons }: { order: OneOrder; reasons: readonly Reason[] }) {
  const { busy, refused, run } = useAct();
  const chosen = useSignal<Reason | null>(null);
  const reason = chosen.value && reasons.includes(chosen.value) ? chosen.value : reasons[0]!;
  return (
    <details class="act cancel">
      <summary>{w.cancel}</summary>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        void run((key) => ({ mutation: cancelOrder, input: { clientMutationId: key, orders: [{ orderId: o.id, expectedVersion: o.version }], reason } }));
      }}>
        <label>{w.why}
          <select value={reason} onChange={(e) => (chosen.value = e.currentTarget.value as Reason)}>{reasons.map((r) => <option key={r} value={r}>{term(terms.moveReasons, r)}</option>)}</select>
        </label>
        <p class="refused" role="alert">{refused}</p>
        <p><button class="danger" disabled={busy.value}>{w.cancel}</button></p>
      </form>
    </details>
  );
}
