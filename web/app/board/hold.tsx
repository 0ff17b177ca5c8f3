import { useSignal } from '@preact/signals';

import { words } from '../shared/language';
import { now, when } from '../shared/time';
import { useAct } from './act';
import { type OneOrder, placeHold, releaseHold } from './operations';
import { term, terms, values } from './terms';

const w = words({
  hold: ['暂停', 'Hold'],
  holdWhat: [(what: string) => `暂停 ${what}`, (what: string) => `Hold ${what}`],
  why: ['原因', 'Reason'],
  how: ['多久', 'How long'],
  until: ['直到解除', 'until it is released'],
  minutes: [(n: number) => `${n} 分钟`, (n: number) => `${n} minutes`],
  note: ['说明（队伍可见）', 'Note for the team'],
  release: ['解除', 'Release'],
  since: [(reason: string, at: string) => `${reason}：${at} 起`, (reason: string, at: string) => `${reason}, since ${at}`],
  ends: [(at: string) => `${at} 自动结束`, (at: string) => `ends ${at}`],
  orderOnly: ['此订单', 'this order'],
  building: ['整栋楼', 'the whole building'],
  household: ['住户', 'the household'],
  supplier: ['供货商', 'the supplier'],
  arrival: ['这车货', "the truck's goods"],
});

type AHold = OneOrder['holds'][number];

/** The holds that stand, each with its release. */
export function Holds({ holds, done }: { holds: readonly AHold[]; done?: () => void }) {
  return <ul class="lines">{holds.map((h) => <li key={h.id}><OneHold hold={h} done={done} /></li>)}</ul>;
}

function OneHold({ hold: h, done }: { hold: AHold; done: (() => void) | undefined }) {
  const { busy, refused, run } = useAct();
  const what = h.orderId ? w.orderOnly : h.buildingId ? w.building : h.householdId ? w.household : h.supplierId ? w.supplier : w.arrival;
  return (
    <div class="incident">
      <div>
        <b>{what}</b> · {w.since(term(terms.holdReasons, h.reason), when(h.placedAt))}
        {h.until && <div class="faint">{w.ends(when(h.until))}</div>}
        {h.note && <div class="faint">{h.note}</div>}
        <p class="refused" role="alert">{refused}</p>
      </div>
      <button disabled={busy.value} onClick={async () => (await run((key) => ({ mutation: releaseHold, input: { clientMutationId: key, holdIds: [h.id] } }))) && done?.()}>{w.release}</button>
    </div>
  );
}

/** A form that holds an order or a building. */
export function HoldForm({ id, what, done }: { id: string; what: string; done?: () => void }) {
  const { busy, refused, run } = useAct();
  const reason = useSignal<AHold['reason']>('INVESTIGATION');
  const minutes = useSignal(0);
  const note = useSignal('');
  const place = async () => {
    const until = minutes.value > 0 ? new Date(now.value + minutes.value * 60_000).toISOString() : null;
    const ok = await run((key) => ({ mutation: placeHold, input: { clientMutationId: key, subjectIds: [id], reason: reason.value, until, note: note.value } }));
    if (!ok) return;
    note.value = '';
    done?.();
  };
  return (
    <details class="act hold">
      <summary>{w.holdWhat(what)}</summary>
      <form class="stack" onSubmit={(e) => { e.preventDefault(); void place(); }}>
        <label>{w.why}
          <select value={reason.value} onChange={(e) => (reason.value = e.currentTarget.value as AHold['reason'])}>
            {values(terms.holdReasons).filter((r) => r !== 'SETTLING').map((r) => <option key={r} value={r}>{term(terms.holdReasons, r)}</option>)}
          </select>
        </label>
        <label>{w.how}
          <select value={minutes.value} onChange={(e) => (minutes.value = Number(e.currentTarget.value))}>
            <option value={0}>{w.until}</option>
            {[30, 60, 120].map((n) => <option key={n} value={n}>{w.minutes(n)}</option>)}
          </select>
        </label>
        <label>{w.note}<input value={note} maxLength={500} onInput={(e) => (note.value = e.currentTarget.value)} /></label>
        <p class="refused" role="alert">{refused}</p>
        <p><button class="main" disabled={busy.value}>{w.hold}</button></p>
      </form>
    </details>
  );
}
