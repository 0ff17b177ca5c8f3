import { type Act, open } from '../shared/outbox';
import type { Carried } from './operations';

/** What the server said last, with the time of this device at which it came. It is kept on the device. */
export type Snapshot = {
  at: number;
  round: { id: string; number: number; startedAt: string; doors: { address: string; proofs: string[]; orders: Carried[] }[] } | null;
  waiting: Carried[];
  accepted: string[] | null;
  /** From when until when it is quiet, as "22:00"; null where it never is. */
  quiet?: [string, string] | null;
};

/** All orders of one household. */
export type Door = { address: string; floor: number; unit: string; proofs: string[]; instructions: string[]; orders: Carried[]; bags: number };

/** What an act of this page did: for which doors, in the order of the act's results. */
export type Deed =
  | { kind: 'take' | 'end'; orders: Carried[] }
  | { kind: 'go'; orders: (Carried & { stage: string })[] }
  | { kind: 'count'; run: string; building: string }
  | { kind: 'deliver' | 'fail'; doors: Door[] }
  | { kind: 'undo'; of: number; doors: Door[] };

export type View = {
  out: Door[];
  shelf: Door[];
  /** The acts under "done", newest first. */
  done: { act: Act; deed: Extract<Deed, { kind: 'deliver' | 'fail' }>; undone: boolean }[];
  /** Whether a round is open, as far as this device knows. */
  open: boolean;
  /** The open round's id; null before the server has given it one. */
  roundId: string | null;
  /** The act that opens the round, while it has no id. */
  opener: Act | null;
};

// The newest state takes a moment to arrive after an answer: the server sends it at most every 250 ms.
export const moment = 1_500;

/** What an act of this page did. */
export const deedOf = (a: Act) => a.detail as Deed;
const natural = new Intl.Collator('en', { numeric: true }).compare;

/** The round with what the person did since the server said how it is. */
export function view(last: Snapshot | null, acts: readonly Act[]): View {
  const known = new Map<string, Carried>();
  const place = new Map<string, 'out' | 'shelf' | 'done'>();
  const proofs = new Map<string, string[]>();
  const stand = (o: Carried, where: 'out' | 'shelf') => {
    known.set(o.id, o);
    place.set(o.id, where);
  };
  for (const d of last?.round?.doors ?? []) {
    proofs.set(d.address, d.proofs);
    for (const o of d.orders) stand(o, 'out');
  }
  for (const o of last?.waiting ?? []) stand(o, 'shelf');

  const v: View = { out: [], shelf: [], done: [], open: !!last?.round, roundId: last?.round?.id ?? null, opener: null };
  const put = (o: Carried, where: 'out' | 'shelf' | 'done') => {
    if (!known.has(o.id)) known.set(o.id, o);
    place.set(o.id, where);
  };
  const undone = new Set<number>();
  for (const a of acts) {
    if (a.page !== 'round') continue;
    const deed = deedOf(a);
    const counts = a.state !== 'refused' && (open(a) || !last || last.at < a.answeredAt! + moment);
    const went = (i: number) => !a.refusals[i];
    switch (deed.kind) {
      case 'take':
        if (!counts) break;
        deed.orders.forEach((o, i) => went(i) && put(o, 'out'));
        v.open = true;
        if (open(a) && !v.roundId) v.opener ??= a;
        v.roundId ??= ((a.answer?.['round'] ?? null) as { id: string } | null)?.id ?? null;
        break;
      case 'end':
        if (!counts) break;
        for (const [id, where] of place) if (where === 'out') place.set(id, 'shelf');
        v.open = false;
        v.roundId = v.opener = null;
        break;
      case 'go':
      case 'count':
        break;
      case 'undo':
        if (a.state === 'refused') break;
        undone.add(deed.of);
        if (counts) for (const d of deed.doors) for (const o of d.orders) put(o, 'out');
        break;
      default:
        if (a.state === 'refused') break;
        if (counts && deed.kind === 'deliver') deed.doors.forEach((d, i) => went(i) && d.orders.forEach((o) => put(o, 'done')));
        if (counts && deed.kind === 'fail') deed.doors[0]!.orders.forEach((o, i) => went(i) && put(o, 'shelf'));
        v.done.unshift({ act: a, deed, undone: false });
    }
  }
  for (const d of v.done) d.undone = undone.has(d.act.seq);

  const proofsOf = (address: string, orders: Carried[]) => {
    const accepted = last?.accepted ?? ['ATTESTED', 'PHOTO', 'CODE'];
    const more = orders.some((o) => o.marks.includes('MEDICINE'));
    return proofs.get(address) ?? accepted.filter((p) => !more || ['PHOTO', 'CODE', 'RESIDENT'].includes(p));
  };
  const at = (where: string) => [...known.values()].filter((o) => place.get(o.id) === where);
  v.out = doors(at('out'), proofsOf);
  v.shelf = doors(at('shelf'), proofsOf);
  v.open ||= v.out.length > 0;
  return v;
}

/** Groups orders into doors: by building and unit, from the top floor down. */
export function doors(orders: Carried[], proofsOf: (address: string, orders: Carried[]) => string[]): Door[] {
  const byDoor = group(orders);
  const all = [...byDoor].map(([address, of]): Door => {
    const first = of[0]!;
    return {
      address, orders: of.sort((a, b) => a.number - b.number), floor: first.household?.floor ?? 0,
      unit: `${first.building?.code ?? ''}-${first.orderUnit?.number ?? ''}`, proofs: proofsOf(address, of),
      instructions: first.household?.instructions ?? [], bags: of.reduce((n, o) => n + o.bags, 0),
    };
  });
  return all.sort((a, b) => natural(a.unit, b.unit) || b.floor - a.floor || natural(a.address, b.address));
}

function group(orders: Carried[]) {
  const out = new Map<string, Carried[]>();
  for (const o of orders) out.set(o.address, [...(out.get(o.address) ?? []), o]);
  return out;
}

/** Splits doors into runs of neighbours with the same key. */
export function runs(list: Door[], key: (d: Door) => string): [string, Door[]][] {
  const out: [string, Door[]][] = [];
  for (const d of list) {
    const last = out.at(-1);
    if (last && last[0] === key(d)) last[1].push(d);
    else out.push([key(d), [d]]);
  }
  return out;
}
