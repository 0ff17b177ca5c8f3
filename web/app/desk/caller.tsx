import { useSignal } from '@preact/signals';

import { act, useRead } from '../shared/api';
import { said, words } from '../shared/language';
import { newKey } from '../shared/store';
import { stages } from '../shared/terms';
import { when } from '../shared/time';
import { me } from '../shared/viewer';
import { type Call, open, reveal } from './operations';
import { needs } from './words';

const w = words({
  people: [(n: number) => `${n} 口人`, (n: number) => (n === 1 ? '1 person' : `${n} people`)],
  needs: ['需要', 'Needs'],
  open: ['未完成的订单', 'What is open for them'],
  none: ['没有未完成的订单。', 'Nothing is open.'],
  show: ['显示姓名和电话', 'Show name and number'],
  recorded: ['每次显示都有记录，住户看得到。', 'Each time is recorded, and the household can read it.'],
  why: ['回电', 'To call back'],
  held: ['暂停', 'held for now'],
  expected: [(t: string) => `预计 ${t} 入户`, (t: string) => `at the door ${t}`],
  loading: ['正在载入…', 'Loading…'],
  nothing: ['没有登记电话。', 'No number is known.'],
});

type Props = { id: string; address: string; known: Call['household']; callBack: string | null };

/** Who calls: the door, the needs that this desk may see, and what is open for them. */
export function Caller({ id, address, known, callBack }: Props) {
  const orders = useRead(open, { community: me.value!.community!.id, household: id });
  const contact = useSignal<{ name: string; phone: string } | null>(null);
  const refused = useSignal<string | null>(null);
  const key = useSignal(newKey()).value;

  async function show() {
    try {
      const { revealContact: got } = await act(reveal, { input: { clientMutationId: key, householdId: id, reason: w.why } });
      refused.value = got.userErrors[0]?.message ?? null;
      contact.value = got.contact;
    } catch (e) {
      refused.value = (e as Error).message;
    }
  }

  return (
    <section id="caller">
      <h3>{address}{known && <> · {known.contactName} · {w.people(known.people)}</>}</h3>
      {known && known.needs.length > 0 && <p>{w.needs}: {known.needs.map((n) => said(needs[n], n)).join(' · ')}</p>}
      <p class="row">
        {callBack && <a class="button" href={`tel:${callBack}`}>{callBack}</a>}
        {contact.value
          ? <><b>{contact.value.name}</b>{contact.value.phone ? <a class="button" id="number" href={`tel:${contact.value.phone}`}>{contact.value.phone}</a> : w.nothing}</>
          : <><button id="show" onClick={show}>{w.show}</button><span class="faint">{w.recorded}</span></>}
      </p>
      {refused.value && <p class="refused" role="alert">{refused}</p>}
      <h3>{w.open}</h3>
      {orders.value.error && <p class="refused" role="alert">{orders.value.error}</p>}
      {!orders.value.data ? <p role="status">{w.loading}</p> : orders.value.data.orders.nodes.length === 0 ? <p class="faint">{w.none}</p> : (
        <ul class="list">
          {orders.value.data.orders.nodes.map((o) => (
            <li key={o.id}>
              #{o.number} <b>{said(stages[o.stage], o.stage)}{o.held && ` (${w.held})`}</b>, {when(o.stageSince)}
              {o.expectedAt && <> · {w.expected(when(o.expectedAt))}</>}
              <br /><span class="faint">{o.supplier?.name} {o.lines.map((l) => `${l.item} ${l.quantity}${l.unit}`).join(' · ')}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
