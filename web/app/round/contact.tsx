import { useSignal } from '@preact/signals';

import { act } from '../shared/api';
import { said, type Text, words } from '../shared/language';
import { newKey } from '../shared/store';
import { me } from '../shared/viewer';
import type { Door } from './doors';
import { reveal, revealAll } from './operations';
import { type Contact, contacts, keepContacts, now } from './state';

const w = words({
  reveal: ['查看电话（会留下记录，住户可见），原因：', 'Show the phone. This is recorded and the household can read it. Reason:'],
  working: ['正在查询，需要网络…', 'Asking, this needs the network…'],
  until: ['本轮结束后从手机删除。', 'It is removed from this phone when the round ends.'],
  all: [(n: number) => `没有信号前，先查看本轮 ${n} 户的电话`, (n: number) => (n === 1 ? 'Get the phone number of this round before the network goes' : `Get the ${n} phone numbers of this round before the network goes`)],
  allWhy: ['一次查看全部，会留下记录，每户可见。原因：', 'All at once. This is recorded, and each household can read it. Reason:'],
  got: [(n: number) => `本轮 ${n} 户的电话在手机上，没有网络也能看，结束本轮时删除。`, (n: number) => `${n} phone ${n === 1 ? 'number' : 'numbers'} of this round ${n === 1 ? 'is' : 'are'} on this phone, also without a network, until the round ends.`],
  leftOut: [(n: number) => `另有 ${n} 户超出今天可查看的次数。`, (n: number) => `${n} more ${n === 1 ? 'is' : 'are'} beyond today's allowance.`],
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
      if (got.contact) keepContacts({ [household!.id]: { name: got.contact.name, phone: got.contact.phone } });
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

const whyAll: readonly Text[] = [
  ['楼里没有信号', 'No network in the building'],
  ['先打电话', 'To call before'],
];

/** Shows the phones of all doors of the round on purpose, in one recorded act for each building, so that they are there without a network. */
export function CallRound() {
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const leftOut = useSignal(0);
  const { out } = now.value;
  const homes = new Set(out.map((d) => d.orders[0]?.household?.id).filter((id) => id !== undefined));
  const known = [...homes].filter((id) => id in contacts.value).length;
  const wanted = homes.size - known - leftOut.value;
  if (homes.size === 0) return null;

  async function show(reason: string) {
    busy.value = true;
    problem.value = null;
    leftOut.value = 0;
    try {
      for (const building of new Set(out.map((d) => d.orders[0]?.building?.id))) {
        const input = { clientMutationId: newKey(), communityId: me.value!.community!.id, buildingId: building ?? null, reason };
        const { revealRound: got } = await act(revealAll, { input }, () => (problem.value = w.working));
        problem.value = got.userErrors[0]?.message ?? null;
        leftOut.value += got.leftOut;
        const mine = got.contacts.filter((c) => homes.has(c.household.id)); // those on the shelf are not kept
        keepContacts(Object.fromEntries(mine.map((c): [string, Contact] => [c.household.id, { name: c.name, phone: c.phone }])));
        if (problem.value) break;
      }
    } catch (e) {
      problem.value = e instanceof Error ? e.message : String(e);
    } finally {
      busy.value = false;
    }
  }
  return (
    <div class="stack" id="phones">
      {wanted > 0 && (
        <details>
          <summary>{w.all(wanted)}</summary>
          <div class="stack">
            <p>{w.allWhy}</p>
            <div class="row">{whyAll.map((t) => <button key={t[1]} disabled={busy.value} onClick={() => void show(said(t))}>{said(t)}</button>)}</div>
          </div>
        </details>
      )}
      <p class="refused" role="status" hidden={!problem.value}>{problem}</p>
      <p class="faint" role="status" hidden={known === 0}>{known > 0 && w.got(known)} {leftOut.value > 0 && w.leftOut(leftOut.value)}</p>
    </div>
  );
}
