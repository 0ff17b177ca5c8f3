import { computed, effect, signal } from '@preact/signals';

import { keepHere, keptHere } from '../shared/device';
import type { Text } from '../shared/language';
import { account, type Act, acts, add, clearDone, withdraw } from '../shared/outbox';
import { type Deed, deedOf, type Door, type Snapshot, view } from './doors';
import { count, end, type Errand as Run, handOver, notOpened, take, undo } from './operations';

export { deedOf };

/** What the server said last about the round: from the device, until it is heard again. */
export const last = signal<Snapshot | null>(null);

/** A household's name and phone, revealed on purpose. */
export type Contact = { name: string; phone: string };

/** The contacts of this round, by household. They are kept on the device until the round ends. */
export const contacts = signal<Record<string, Contact>>({});

/** The round as the person sees it: the server's last word and what was done since. */
export const now = computed(() => view(last.value, acts.value));

/** The act that the undo bar offers to take back. */
export const newest = signal<Act | null>(null);
let hiding: ReturnType<typeof setTimeout>;

let forgotten = 0; // how often contacts were removed: what was read from the device before is not shown

effect(() => {
  const mine = account.value;
  last.value = null;
  contacts.value = {};
  if (!mine) return;
  void keptHere<Snapshot>(mine, 'round').then((kept) => {
    if (mine === account.value && !last.value) last.value = kept;
  });
  const since = forgotten;
  void keptHere<Record<string, Contact>>(mine, 'contacts').then((kept) => {
    if (mine === account.value && kept && since === forgotten) contacts.value = { ...kept, ...contacts.value };
  });
});

/** Takes over what the server says. */
export function heard(next: Omit<Snapshot, 'at'>) {
  last.value = { ...next, at: Date.now() };
  void keepHere(account.value!, 'round', last.value);
  if (!next.round && !now.value.open) forgetContacts();
}

/** Keeps revealed contacts until the round ends. An answer that comes after its end is not kept. */
export function keepContacts(of: Record<string, Contact>) {
  if (!now.value.open) return;
  contacts.value = { ...contacts.value, ...of };
  void keepHere(account.value!, 'contacts', contacts.value);
}

function forgetContacts() {
  forgotten++; // also if they are still being read from the device
  contacts.value = {};
  void keepHere(account.value!, 'contacts', null);
}

const deed = (d: Deed) => d;
const ids = (d: Door) => d.orders.map((o) => o.id);

function offerUndo(a: Act | null) {
  clearTimeout(hiding);
  newest.value = a;
  hiding = setTimeout(() => (newest.value = null), 10_000);
}

/** Begins a round with all orders of the doors, or takes them along with the open one. */
export async function start(doors: Door[], confirmQuietHours: boolean) {
  if (!now.value.open) await clearDone('round');
  const orders = doors.flatMap((d) => d.orders).slice(0, 200);
  const where = doors.length === 1 ? doors[0]!.address : `${doors[0]!.unit} …`;
  await add(take, {
    page: 'round', input: { orderIds: orders.map((o) => o.id), most: Math.max(1, orders.length), confirmQuietHours },
    says: [`取货上楼：${where}，${doors.length} 户`, `Taken along: ${where}, doors: ${doors.length}`], parts: orders.map((o): Text => [o.address, o.address]),
    detail: deed({ kind: 'take', orders }),
  });
}

export type Proof = { kind: 'ATTESTED' | 'RESIDENT' } | { kind: 'CODE'; code: string } | { kind: 'PHOTO'; photo: Blob };
export type Errand = { answer: string; documentsReturned: boolean };

/** Hands doors over. Several doors go with the volunteer's word. */
export async function deliver(doors: Door[], proof: Proof, errand: Errand | null = null) {
  const deviceTime = new Date().toISOString();
  const name = doors.length === 1 ? doors[0]!.address : doors.map((d) => d.address).join(', ');
  offerUndo(await add(handOver, {
    page: 'round',
    input: {
      doors: doors.map((d) => ({ orderIds: ids(d), proof: proof.kind, deviceTime, ...(proof.kind === 'CODE' ? { code: proof.code } : {}), ...(errand ?? {}) })),
    },
    photos: proof.kind === 'PHOTO' ? [{ to: ['doors', 0, 'photoId'], blob: proof.photo }] : [],
    says: [`已送达：${name}`, `Handed over: ${name}`], parts: doors.map((d): Text => [d.address, d.address]), detail: deed({ kind: 'deliver', doors }),
  }));
}

export type Reason = 'ABSENT' | 'NO_ACCESS' | 'REFUSED' | 'UNREACHABLE';

/** Records that a door was not opened. Its orders go back to the shelf. */
export async function fail(door: Door, reason: Reason, why: Text) {
  offerUndo(await add(notOpened, {
    page: 'round', input: { orders: ids(door).map((orderId) => ({ orderId, expectedStage: 'OUT_FOR_DELIVERY' as const })), to: 'AT_BUILDING', reason, deviceTime: new Date().toISOString() },
    says: [`未送达：${door.address}，${why[0]}`, `Not delivered: ${door.address}, ${why[1]}`], parts: door.orders.map((): Text => [door.address, door.address]),
    detail: deed({ kind: 'fail', doors: [door] }),
  }));
}

/** Moves an order that the volunteer runs on: out of the house, or with what was bought to the gate. */
export async function go(o: Run, to: 'DISPATCHED' | 'AT_GATE') {
  await add(notOpened, {
    page: 'round', input: { orders: [{ orderId: o.id, expectedStage: o.stage }], to, deviceTime: new Date().toISOString() },
    says: to === 'AT_GATE' ? [`${o.address} 已到门口`, `${o.address}: at the gate`] : [`${o.address} 出发去办`, `${o.address}: set out`],
    parts: [[o.address, o.address]], detail: deed({ kind: 'go', orders: [o] }),
  });
}

/** Records how many bags a volunteer counted of those that a run left at a building. */
export async function countDrop(run: string, building: { id: string; code: string }, bags: number): Promise<Act | null> {
  return add(count, {
    page: 'round', input: { runId: run, buildingId: building.id, bags }, says: [`${building.code} 清点 ${bags} 袋`, `Counted ${bags} at ${building.code}`],
    detail: deed({ kind: 'count', run, building: building.id }),
  });
}

/** Takes an act back: it is not sent, or the server undoes it. */
export async function takeBack(a: Act) {
  if (newest.value?.seq === a.seq) newest.value = null;
  if (await withdraw(a)) return;
  await add(undo, {
    page: 'round', input: {}, needs: [{ of: a.key, from: ['batchId'], to: 'batchId' }],
    says: [`撤回（${a.says[0]}）`, `Taken back (${a.says[1]})`], detail: deed({ kind: 'undo', of: a.seq, doors: (a.detail as { doors: Door[] }).doors }),
  });
}

/** Ends the round. What is still out comes back to the shelf. Revealed contacts are removed from the device. */
export async function finish() {
  const { roundId, opener, out } = now.value;
  newest.value = null;
  const orders = out.flatMap((d) => d.orders);
  await add(end, {
    page: 'round', input: roundId ? { roundId } : {}, needs: roundId ? [] : [{ of: opener?.key ?? '', from: ['round', 'id'], to: 'roundId' }],
    says: ['结束本轮', 'Round ended'], detail: deed({ kind: 'end', orders }),
  });
  forgetContacts();
}

