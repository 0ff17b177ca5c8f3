import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask } from '../shared/api';
import { heardOf, lastOf } from '../shared/kept';
import { said, words } from '../shared/language';
import { acts, open } from '../shared/outbox';
import { stages } from '../shared/terms';
import { me } from '../shared/viewer';
import { Proofs } from './door';
import { doors } from './doors';
import { type Errand, errands } from './operations';
import { deedOf, go, last } from './state';

const w = words({
  title: ['我接的代购、代办', 'My errands'],
  BUY_FOR: ['代购', 'Buying'],
  ERRAND: ['代办', 'Errand'],
  set: ['出发去办', 'Set out'],
  gate: ['已买到，送到门口了', 'Bought and brought to the gate'],
  handed: ['办好了，交给住户', 'Done, hand it over'],
});

const kept = lastOf<readonly Errand[]>('errands');
const every = 60_000; // ms between readings

/** The orders that the volunteer runs before they are at the door: setting out, bringing goods to the gate, handing an errand's result over. */
export function Errands({ community }: { community: string }) {
  const answered = acts.value.filter((a) => a.page === 'round' && a.state === 'sent').length;
  useEffect(() => {
    const own = me.value?.volunteer?.id;
    if (!own) return;
    const read = () => void ask(errands, { communityId: community, own: [own] }).then((got) => heardOf('errands', got.orders.nodes), () => {});
    read();
    const timer = setInterval(read, every);
    return () => clearInterval(timer);
  }, [answered]);
  // Once the list was read after an answer it is right by itself, also if the act was taken back.
  const moved = new Set(acts.value.filter((a) => a.page === 'round' && (open(a) || a.state === 'sent' && !a.refusals.some((r) => r) && (kept.value?.at ?? 0) < a.answeredAt!)).flatMap((a) => {
    const deed = deedOf(a);
    return (deed.kind === 'go' ? deed.orders : deed.kind === 'deliver' ? deed.doors.flatMap((d) => d.orders) : []).map((o) => `${o.id} ${'stage' in o ? o.stage : ''}`);
  }));
  const list = (kept.value?.value ?? []).filter((o) => !moved.has(`${o.id} ${o.stage}`));
  if (list.length === 0) return null;
  return (
    <section class="stack" id="errands">
      <h2>{w.title}</h2>
      <ul class="stack">{list.map((o) => <Row key={`${o.id} ${o.stage}`} order={o} />)}</ul>
    </section>
  );
}

function Row({ order: o }: { order: Errand }) {
  const handing = useSignal(false);
  const next = o.stage === 'PLACED' ? 'DISPATCHED' as const : o.channel === 'BUY_FOR' ? 'AT_GATE' as const : null;
  const [door] = doors([o], () => last.value?.accepted?.filter((p) => !o.marks.includes('MEDICINE') || ['PHOTO', 'CODE', 'RESIDENT'].includes(p)) ?? ['PHOTO', 'CODE']);
  return (
    <li class="errand stack" data-order={o.number}>
      <h3>{o.channel === 'ERRAND' ? w.ERRAND : w.BUY_FOR} · {o.address} <span class="faint">#{o.number} · {said(stages[o.stage], o.stage)}</span></h3>
      <ul>{o.lines.map((l) => <li key={l.position}>{l.item} × {l.quantity} {l.unit}</li>)}</ul>
      {o.note && <p>{o.note}</p>}
      {next
        ? <button class="main go" disabled={o.held} onClick={() => void go(o, next)}>{next === 'AT_GATE' ? w.gate : w.set}</button>
        : <button class="main go" disabled={o.held} aria-expanded={handing.value} onClick={() => (handing.value = !handing.value)}>{w.handed}</button>}
      {handing.value && <Proofs door={door!} errand />}
    </li>
  );
}
