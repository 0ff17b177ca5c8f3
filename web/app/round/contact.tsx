import { useSignal } from '@preact/signals';

import { act } from '../shared/api';
import { said, type Text, words } from '../shared/language';
import { newKey } from '../shared/store';
import type { Door } from './doors';
import { reveal } from './operations';
import { contacts, keepContact } from './state';

const w = words({
  reveal: ['查看电话（会留下记录，住户可见），原因：', 'Show the phone. This is recorded and the household can read it. Reason:'],
  working: ['正在查询，需要网络…', 'Asking, this needs the network…'],
  until: ['本轮结束后从手机删除。', 'It is removed from this phone when the round ends.'],
  noPhone: ['没有电话', 'no phone number'],
});

const why: readonly Text[] = [
  ['先打电话', 'To call before'],
  ['没人开门', 'The door is not opened'],
  ['找不到门', 'I cannot find the door'],
];

/** Shows a household's phone on purpose, with a reason. */
export function CallHousehold({ door }: { door: Door }) {
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const household = door.orders[0]?.household;
  if (!household) return null;
  const known = contacts.value[household.id];
  if (known) {
    return (
      <div>
        <p>{known.name} {known.phone ? <a class="button main" href={`tel:${known.phone}`}>{known.phone}</a> : w.noPhone}</p>
        <p class="faint">{w.until}</p>
      </div>
    );
  }
  async function show(reason: string) {
    busy.value = true;
    problem.value = null;
    try {
      const { revealContact: got } = await act(reveal, { input: { clientMutationId: newKey(), householdId: household!.id, orderId: door.orders[0]!.id, reason } }, () => (problem.value = w.working));
      problem.value = got.userErrors[0]?.message ?? null;
      if (got.contact) keepContact(household!.id, { name: got.contact.name, phone: got.contact.phone });
    } catch (e) {
      problem.value = e instanceof Error ? e.message : String(e);
    } finally {
      busy.value = false;
    }
  }
  return (
    <div class="stack">
      <p>{household.contactName} · {w.reveal}</p>
      <div class="row">{why.map((t) => <button key={t[1]} disabled={busy.value} onClick={() => void show(said(t))}>{said(t)}</button>)}</div>
      <p class="refused" role="status">{problem}</p>
    </div>
  );
}
