import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { askList } from '../shared/api';
import type { ResultOf } from '../shared/graphql';
import { heardOf, lastOf } from '../shared/kept';
import { said, words } from '../shared/language';
import { type Act, acts, open } from '../shared/outbox';
import { paced } from '../shared/paced';
import { when } from '../shared/time';
import { me } from '../shared/viewer';
import { deedOf, moment } from './doors';
import { drops } from './operations';
import { countDrop, last } from './state';

const w = words({
  title: ['推车卸下，待清点', 'Left by a cart, to count'],
  left: [(code: string, n: number) => `推车在 ${code} 卸下 ${n} 袋：请清点`, (code: string, n: number) => `A cart left ${n} ${n === 1 ? 'bag' : 'bags'} at ${code}: count them`],
  run: [(n: number) => `第 ${n} 趟`, (n: number) => `run ${n}`],
  counted: ['您数到几袋？', 'How many bags did you count?'],
  record: ['登记清点', 'Record the count'],
  recordAs: [(n: number) => `登记：${n} 袋`, (n: number) => `Record ${n} ${n === 1 ? 'bag' : 'bags'}`],
  recorded: [(what: string) => `已登记：${what}。`, (what: string) => `Recorded. ${what}.`],
  toSend: [(what: string) => `待发送：${what}。`, (what: string) => `To send: ${what}.`],
  differs: [
    (left: number, n: number) => `推车登记 ${left} 袋，您数到 ${n} 袋。请再数一遍；登记后两个数都保留，并登记异常“两次清点不符”，由队里查找原因。已到的可以先送。`,
    (left: number, n: number) => `The cart says ${left} and you counted ${n}. Count again. Once recorded, both counts stay and an incident “Counts differ” is opened for the team to find out why. Deliver what is here.`,
  ],
});

type Run = ResultOf<typeof drops>['runs']['nodes'][number];
/** The bags that a run left at a building of the viewer. */
type Left = { run: string; number: number; building: { id: string; code: string }; bags: number; at: string };

const every = 60_000; // ms between readings without a reason
const apart = 2_000; // ms between readings
const day = 24 * 3_600_000; // ms
const kept = lastOf<readonly Left[]>('drops');

/**
 * What was left at the viewer's buildings and is not counted, the newest first. What was left a day before the newest is not asked for any more: the lead has an
 * incident about it. Volunteers of buildings see only their own stops.
 */
function waiting(runs: readonly Run[]): Left[] {
  const { role, volunteer } = me.value!;
  const own = new Set(volunteer?.services.map((s) => s.building.id));
  const stops = runs.flatMap((run) => run.stops.flatMap(({ building, bagsLeft: bags, leftAt: at, bagsAccepted }) => (bags && at ? [{ run: run.id, number: run.number, building, bags, at, bagsAccepted }] : [])));
  const newest = Math.max(...stops.map((s) => Date.parse(s.at))); // and not this device's clock, which may be wrong
  return stops.filter((s) => s.bagsAccepted === null && newest - Date.parse(s.at) < day && (role === 'VOLUNTEER' || own.has(s.building.id)));
}

/** The bags that carts left at the buildings of a member of the supply squad, to be counted there. */
export function Drops({ community }: { community: string }) {
  const answered = acts.value.filter((a) => a.page === 'round' && a.state !== 'waiting' && a.state !== 'sending' && deedOf(a).kind === 'count').length;
  const shelf = JSON.stringify(last.value?.waiting.map((o) => o.id)); // it grows when a cart has left something
  const mine = me.value?.volunteer?.squad === 'SUPPLY';
  const newest = useSignal<number | null>(null); // the last count that was made here
  const reading = useMemo(() => paced(async (latest) => {
    const got = await askList(drops, { communityId: community });
    if (latest()) heardOf('drops', waiting(got.runs.nodes));
  }, apart), [community]);
  useEffect(() => {
    if (!mine) return;
    const timer = setInterval(reading.soon, every);
    return () => {
      clearInterval(timer);
      reading.stop();
    };
  }, [reading, mine]);
  useEffect(() => {
    if (mine) reading.soon();
  }, [reading, mine, answered, shelf]);
  // Once the list was read after an answer it is right by itself.
  const done = new Set(acts.value.flatMap((a) => {
    const deed = deedOf(a);
    if (a.page !== 'round' || deed.kind !== 'count') return [];
    const read = !open(a) && (kept.value?.at ?? 0) >= a.answeredAt! + (a.state === 'sent' ? moment : 0);
    return read ? [] : [`${deed.run} ${deed.building}`];
  }));
  const list = (kept.value?.value ?? []).filter((d) => !done.has(`${d.run} ${d.building.id}`));
  const made = acts.value.find((a) => a.seq === newest.value && a.state !== 'refused'); // a card tells of a refusal
  if (!mine || (list.length === 0 && !made)) return null;
  return (
    <section class="stack" id="drops">
      {list.length > 0 && <h2>{w.title}</h2>}
      <p role="status" hidden={!made}>{made && (open(made) ? w.toSend : w.recorded)(said(made.says))}</p>
      <ul class="stack">{list.map((d) => <Count key={`${d.run} ${d.building.id} ${d.bags}`} drop={d} made={(a) => (newest.value = a.seq)} />)}</ul>
    </section>
  );
}

function Count({ drop: d, made }: { drop: Left; made: (a: Act) => void }) {
  const text = useSignal('');
  const bags = /^\d{1,5}$/.test(text.value) ? Number(text.value) : null;
  const id = `counted-${d.run}-${d.building.id}`;
  const differs = bags !== null && bags !== d.bags;
  return (
    <li class="drop" data-building={d.building.code}>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        if (bags !== null) void countDrop(d.run, d.building, bags).then((a) => a && made(a));
      }}>
        <p><b>{w.left(d.building.code, d.bags)}</b> <span class="faint">{when(d.at)} · {w.run(d.number)}</span></p>
        <label for={id}>{w.counted}</label>
        <input id={id} type="number" inputMode="numeric" min={0} max={10000} required autocomplete="off" value={text} onInput={(e) => (text.value = e.currentTarget.value)} />
        <p class="note warn" role="status" hidden={!differs}>{differs && w.differs(d.bags, bags)}</p>
        <button class="main">{bags === null ? w.record : w.recordAs(bags)}</button>
      </form>
    </li>
  );
}
