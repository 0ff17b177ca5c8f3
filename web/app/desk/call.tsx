import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { act } from '../shared/api';
import { said, words } from '../shared/language';
import { newKey } from '../shared/store';
import { clock, now, when } from '../shared/time';
import { instantOf } from '../shared/zoned';
import { Caller } from './caller';
import type { Taken } from './desk';
import { draft, write } from './draft';
import { HouseholdSearch } from './household';
import { close, postpone } from './operations';
import { OrderForm } from './order';
import { kinds, outcomes, ways } from './words';

const w = words({
  number: [(n: number, kind: string) => `来电 #${n} · ${kind}`, (n: number, kind: string) => `Call #${n} · ${kind}`],
  came: [(way: string, t: string) => `${way}，${t}`, (way: string, t: string) => `${way}, ${t}`],
  urgent: ['紧急', 'Urgent'],
  until: [(t: string) => `归您到 ${t}`, (t: string) => `yours until ${t}`],
  over: ['十分钟已过：别人可以接手了。', 'The ten minutes are over: others can take it.'],
  again: ['再要十分钟', 'Ten more minutes'],
  unknown: ['住户未知：请问清楚是哪一户。', 'The caller is not known: ask which household it is.'],
  end: ['结束来电', 'End the call'],
  outcome: ['结果', 'Outcome'],
  answer: ['答复，或由谁去办', 'What was answered, or who will act'],
  finish: ['结束', 'Close the call'],
  choose: ['请选择结果。', 'Choose an outcome.'],
  notReached: ['没打通', 'Not reached'],
  later: ['改时间再打', 'Call again at'],
  postpone: ['放回队列', 'Put back'],
  closed: [(n: number, o: string) => `#${n} ${o}。`, (n: number, o: string) => `#${n}: ${o}.`],
  passed: [(n: number) => `已通知队长，异常 #${n}。`, (n: number) => `The leads are told: incident #${n}.`],
  back: [(n: number, t: string) => `#${n} 已放回队列，${t} 再打。`, (n: number, t: string) => `#${n} is back in the queue, due ${t}.`],
});

/** The call that the member has: what it is about, who it is, and what can be done. */
export function CallCard({ taken, again, done }: { taken: Taken; again: () => void; done: (text: () => string) => void }) {
  const { call } = taken;
  const refused = useSignal<string | null>(null);
  const busy = useSignal(false);
  const keys = useSignal({ close: newKey(), unreachable: newKey(), later: newKey() }).value;
  const later = useSignal('');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const household = call.household ?? draft.value.household;

  async function run(work: () => Promise<string | null>) {
    if (busy.value) return;
    busy.value = true;
    refused.value = null;
    try {
      refused.value = await work();
    } catch (e) {
      refused.value = (e as Error).message;
    } finally {
      busy.value = false;
    }
  }

  const end = (outcome: 'ANSWERED' | 'ORDERED' | 'PASSED_ON' | 'NOT_NEEDED', extra: { answer?: string; orderId?: string }, key: string) => run(async () => {
    const { closeEnquiry: got } = await act(close, { input: { clientMutationId: key, enquiryId: call.id, outcome, ...extra } });
    if (got.userErrors[0]) return got.userErrors[0].message;
    const incident = got.incident?.number;
    done(() => w.closed(call.number, said(outcomes[outcome])) + (incident ? ` ${w.passed(incident)}` : ''));
    return null;
  });
  const putBack = (input: { unreachable?: boolean; until?: string }, key: string) => run(async () => {
    const { postponeEnquiry: got } = await act(postpone, { input: { clientMutationId: key, enquiryId: call.id, ...input } });
    if (got.userErrors[0]) return got.userErrors[0].message;
    const due = got.enquiry!.dueAt;
    done(() => w.back(call.number, when(due)));
    return null;
  });

  return (
    <article id="call" class="stack">
      <h2 tabIndex={-1} ref={heading}>
        {w.number(call.number, said(kinds[call.kind], call.kind))}{call.urgent && <> · <span class="refused">{w.urgent}</span></>}
      </h2>
      <p class="faint row">
        <span>{w.came(said(ways[call.way], call.way), when(call.loggedAt))}{call.leaseUntil && <> · {Date.parse(call.leaseUntil) > now.value ? w.until(clock(call.leaseUntil)) : w.over}</>}</span>
        <button id="again" onClick={again}>{w.again}</button>
      </p>
      <p class="script note">{call.script}</p>
      {call.text && <p class="script">“{call.text}”</p>}
      {household
        ? <Caller key={household.id} id={household.id} address={household.address} known={call.household} callBack={taken.callBack} />
        : (
          <>
            <p class="note warn">{w.unknown}</p>
            {taken.callBack && <p><a class="button" href={`tel:${taken.callBack}`}>{taken.callBack}</a></p>}
            <HouseholdSearch chosen={(h) => write({ household: h })} />
          </>
        )}
      {refused.value && <p class="note bad" role="alert" id="refused">{refused}</p>}
      {household && <OrderForm household={household.id} placed={(order) => end('ORDERED', { orderId: order.id }, `${keys.close}o`)} />}
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        const { outcome, answer } = draft.value;
        if (outcome) void end(outcome, { answer: answer.trim() }, keys.close + outcome);
        else refused.value = w.choose;
      }}>
        <fieldset>
          <legend>{w.end}</legend>
          <div class="choices" role="radiogroup" aria-label={w.outcome}>
            {(['ANSWERED', 'PASSED_ON', 'NOT_NEEDED'] as const).map((o) => (
              <label key={o}><input type="radio" name="outcome" value={o} checked={draft.value.outcome === o} onChange={() => write({ outcome: o })} />{said(outcomes[o])}</label>
            ))}
          </div>
          <label for="answer">{w.answer}</label>
          <textarea id="answer" rows={2} maxLength={500} value={draft.value.answer} onInput={(e) => write({ answer: e.currentTarget.value })} />
          <p class="row"><button id="finish" class="main" disabled={busy.value}>{w.finish}</button></p>
        </fieldset>
      </form>
      <form class="row" onSubmit={(e) => {
        e.preventDefault();
        if (later.value) void putBack({ until: instantOf(later.value) }, keys.later + later.value);
      }}>
        <button type="button" id="unreached" disabled={busy.value} onClick={() => putBack({ unreachable: true }, keys.unreachable)}>{w.notReached}</button>
        <label for="later">{w.later}</label>
        <input id="later" type="datetime-local" style={{ width: 'auto' }} value={later} onInput={(e) => (later.value = e.currentTarget.value)} />
        <button disabled={busy.value || !later.value}>{w.postpone}</button>
      </form>
    </article>
  );
}
