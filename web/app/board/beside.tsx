import { useSignal } from '@preact/signals';

import { said, words } from '../shared/language';
import { stages } from '../shared/terms';
import { clock, when } from '../shared/time';
import { me } from '../shared/viewer';
import { useAct } from './act';
import { type Alert, takeIncidents, type Truck } from './operations';
import { closed, linkTo, wall } from './place';
import type { News, State, Sums } from './state';
import { term, terms, values } from './terms';

const w = words({
  incidents: ['未解决的异常', 'Open incidents'],
  none: ['没有', 'None'],
  counts: [(level: string, n: number) => `${level} ${n}`, (level: string, n: number) => `${level} ${n}`],
  more: [(n: number) => `另有 ${n} 项`, (n: number) => `Show ${n} more`],
  take: ['我来处理', 'Take'],
  takenBy: [(who: string) => `${who} 处理中`, (who: string) => `taken by ${who}`],
  waits: ['待处理', 'not taken'],
  trucks: ['接下来的车', 'Next trucks'],
  noTrucks: ['今天没有要来的车', 'No truck is awaited today'],
  bags: [(n: number, orders: number) => `${n} 件，${orders} 单`, (n: number, orders: number) => `${n === 1 ? '1 bag' : `${n} bags`}, ${orders === 1 ? '1 order' : `${orders} orders`}`],
  counted: [(n: number, of: number) => `已清点 ${n}/${of} 件`, (n: number, of: number) => `${n} of ${of} bags counted`],
  due: [(t: string) => `预计 ${t}`, (t: string) => `expected ${t}`],
  came: [(t: string) => `${t} 到`, (t: string) => `came ${t}`],
  late: ['晚点', 'late'],
  unannounced: ['未预告', 'unannounced'],
  duty: ['在岗', 'On duty'],
  noDuty: ['今天没有班次', 'No shifts today'],
  on: [(n: number) => `在岗 ${n}`, (n: number) => `${n} on duty`],
  planned: [(n: number) => `待上岗 ${n}`, (n: number) => `${n} to come`],
  absent: [(n: number) => `缺岗 ${n}`, (n: number) => `${n} absent`],
  news: ['最新动态', 'Newest events'],
});

/** Open incidents by level, the highest first, then the oldest: the order of the server. */
export function Incidents({ state }: { state: State }) {
  const all = useSignal(false);
  const list = state.alerts.value;
  if (!list) return null;
  const few = wall.value ? 5 : 8;
  const shown = all.value && !wall.value ? list : list.slice(0, few);
  return (
    <section class="stack incidents" aria-labelledby="incidents">
      <h2 id="incidents">{w.incidents}</h2>
      {list.length === 0 ? <p class="faint">{w.none}</p> : (
        <>
          <p class="levels">{values(terms.levels).map((l) => <span key={l} class={`flag ${l === 'COMMAND' ? 'bad' : l === 'LEAD' ? 'warn' : ''}`}>{w.counts(term(terms.levels, l), list.filter((a) => a.level === l).length)}</span>)}</p>
          <ul class="lines">{shown.map((a) => <li key={a.id}><Incident alert={a} state={state} /></li>)}</ul>
          {shown.length < list.length && !wall.value && <p><button onClick={() => (all.value = true)}>{w.more(list.length - shown.length)}</button></p>}
        </>
      )}
    </section>
  );
}

function Incident({ alert: a, state }: { alert: Alert; state: State }) {
  const truck = state.trucks.value?.find((t) => t.id === a.subjectId);
  const where = a.order ? `#${a.order.number} ${a.order.address}` : truck ? `${truck.supplier?.name} ${truck.vehicle}` : (a.building?.code ?? '');
  const at = a.order ? { ...closed, order: a.order.id } : truck ? { ...closed, truck: truck.id } : a.building ? { ...closed, building: a.building.id } : null;
  return (
    <div class="incident">
      <div>
        <b>{term(terms.incidentKinds, a.kind)}</b> {at && !wall.value ? <a {...linkTo(at)}>{where}</a> : <span>{where}</span>}
        <div class="faint">{term(terms.levels, a.level)} · {when(a.openedAt)} · {a.owner ? w.takenBy(a.owner.code) : w.waits}</div>
        {a.note && !wall.value && <div class="faint">{a.note}</div>}
      </div>
      {!wall.value && <Take id={a.id} owner={a.owner?.id ?? null} />}
    </div>
  );
}

/** Makes the person the owner of an incident. Administrators are no members of the team and cannot. */
export function Take({ id, owner }: { id: string; owner: string | null }) {
  const { busy, refused, run } = useAct();
  const mine = me.value?.volunteer?.id;
  if (!mine || owner === mine) return null;
  return (
    <div>
      <button disabled={busy.value} onClick={() => void run((key) => ({ mutation: takeIncidents, input: { clientMutationId: key, ids: [id] } }))}>{w.take}</button>
      <p class="refused" role="alert">{refused}</p>
    </div>
  );
}

export function Trucks({ state }: { state: State }) {
  const list = state.trucks.value?.filter((t) => t.state === 'ANNOUNCED' || t.state === 'ARRIVED');
  if (!list) return null;
  return (
    <section class="stack trucks" aria-labelledby="trucks">
      <h2 id="trucks">{w.trucks}</h2>
      {list.length === 0 ? <p class="faint">{w.noTrucks}</p> : <ul class="lines">{list.slice(0, wall.value ? 4 : 6).map((t) => <li key={t.id}><OneTruck truck={t} /></li>)}</ul>}
    </section>
  );
}

export function OneTruck({ truck: t }: { truck: Truck }) {
  const name = <b>{t.supplier?.name} {t.vehicle}</b>;
  return (
    <div>
      {wall.value ? name : <a {...linkTo({ ...closed, truck: t.id })}>{name}</a>}
      <div class="faint">
        {term(terms.arrivalStates, t.state)} · {t.arrivedAt ? w.came(when(t.arrivedAt)) : t.expectedAt ? w.due(when(t.expectedAt)) : w.unannounced}
        {t.late && <> · <span class="flag warn">{w.late}</span></>}
      </div>
      <div>{t.state === 'ARRIVED' && t.bagsReceived > 0 ? w.counted(t.bagsReceived, t.bagsAnnounced) : w.bags(t.bagsAnnounced, t.orders)}</div>
    </div>
  );
}

export function Duty({ sums }: { sums: Sums }) {
  return (
    <section class="stack duty" aria-labelledby="duty">
      <h2 id="duty">{w.duty}</h2>
      {sums.onShift.length === 0 ? <p class="faint">{w.noDuty}</p> : (
        <ul class="lines">
          {sums.onShift.map((s) => (
            <li key={s.squad} class="row">
              <b>{term(terms.squads, s.squad)}</b> <span>{w.on(s.on)}</span>
              {s.planned > 0 && <span class="faint">{w.planned(s.planned)}</span>}
              {s.absent > 0 && <span class="flag warn">{w.absent(s.absent)}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What happened last, the newest first. It changes too often to be read out. */
export function Ticker({ state }: { state: State }) {
  const list = state.news.value;
  return (
    <section class="stack ticker" aria-labelledby="news">
      <h2 id="news">{w.news}</h2>
      {list.length === 0 ? <p class="faint">{w.none}</p> : <ol class="lines">{list.slice(0, wall.value ? 7 : 12).map((n) => <li key={n.key}><Line news={n} state={state} /></li>)}</ol>}
    </section>
  );
}

function Line({ news: n, state }: { news: News; state: State }) {
  const what = n.kind === 'ORDER_MOVED' || n.kind === 'ORDER_PLACED' ? said(stages[n.stage], n.stage) : term(terms.eventKinds, n.kind);
  return (
    <>
      <span class="faint">{clock(n.at)}</span> {wall.value ? <b>#{n.number}</b> : <a {...linkTo({ ...closed, order: n.orderId })}>#{n.number}</a>} <span>{state.code(n.buildingId)}</span> {what}
      {n.reason && <> ({term(terms.moveReasons, n.reason)})</>}
    </>
  );
}
