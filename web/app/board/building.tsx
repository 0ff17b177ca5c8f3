import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask } from '../shared/api';
import { said, words } from '../shared/language';
import type { ResultOf } from '../shared/graphql';
import { chain, stages } from '../shared/terms';
import { useAct } from './act';
import { Suggestions } from './assign';
import { HoldForm, Holds } from './hold';
import { buildingQuery, updateVolunteers } from './operations';
import { Orders } from './orders';
import { Panel } from './panel';
import { closed, linkTo, shown } from './place';
import type { State } from './state';
import { term, terms } from './terms';

const w = words({
  all: ['在途', 'Open'],
  late: ['超时', 'Late'],
  held: ['暂停', 'Held'],
  without: ['无人负责', 'Without holder'],
  delivered: ['今日入户', 'At the door today'],
  which: ['哪些订单', 'Which orders'],
  serves: ['谁负责', 'Who serves it'],
  none: ['没有主责队员', 'no first volunteer'],
  away: ['联系不上', 'not reachable'],
  add: ['换人负责', 'Put a volunteer in charge'],
  who: ['保供队员', 'Supply volunteer'],
  asWhat: ['作为', 'As'],
  buildings: [(n: number) => `负责 ${n} 栋`, (n: number) => (n === 1 ? 'serves 1 building' : `serves ${n} buildings`)],
  save: ['确定', 'Save'],
  off: ['不再负责', 'Take off'],
  holds: ['暂停', 'Holds'],
  loading: ['正在载入…', 'Loading…'],
  noLift: ['无电梯', 'no lift'],
});

type Got = ResultOf<typeof buildingQuery>;
type Volunteer = Got['volunteers']['nodes'][number];

export function BuildingPanel({ community, id, state }: { community: string; id: string; state: State }) {
  const got = useSignal<Got | null>(null);
  const refused = useSignal('');
  const again = useSignal(0);
  useEffect(() => {
    let over = false;
    ask(buildingQuery, { id, c: community }).then((d) => over || (got.value = d), (e) => over || (refused.value = e instanceof Error ? e.message : String(e)));
    return () => void (over = true);
  }, [id, community, again.value]);

  const tile = state.tile(id)?.value;
  const of = got.value?.node && 'services' in got.value.node && got.value.node.id === id ? got.value.node : null;
  const show = shown.value ?? 'open';
  const filters = tile ? [
    { show: 'open', name: w.all, count: tile.open },
    ...tile.stages.map((s) => ({ show: s.stage as string, name: said(stages[s.stage], s.stage), count: s.count })),
    { show: 'late', name: w.late, count: tile.late }, { show: 'held', name: w.held, count: tile.held },
    { show: 'uncovered', name: w.without, count: tile.withoutHolder }, { show: 'delivered', name: w.delivered, count: tile.delivered },
  ].filter((f) => f.count > 0 || f.show === show || f.show === 'open') : [];
  if (!filters.some((f) => f.show === show) && chain.includes(show)) filters.push({ show, name: said(stages[show], show), count: 0 });
  const read = () => void again.value++;
  return (
    <Panel id={id} title={`${tile?.code ?? of?.code ?? ''} ${of?.name && of.name !== of.code ? of.name : ''}${of && !of.hasLift ? ` · ${w.noLift}` : ''}`} shuts={closed}>
      <p class="refused" role="alert">{refused}</p>
      {of && (
        <details class="act team">
          <summary>{w.serves}: {of.services.filter((x) => x.duty === 'PRIMARY').map((x) => x.volunteer.code).join(', ') || w.none}</summary>
          {of.services.length > 0 && (
            <ul class="lines">{of.services.map((s) => (
              <li key={s.volunteer.id} class="incident">
                <span><b>{s.volunteer.code}</b> {term(terms.duties, s.duty)}{!s.volunteer.reachable && <> <span class="flag warn">{w.away}</span></>}</span>
                <Off building={id} volunteer={got.value!.volunteers.nodes.find((v) => v.id === s.volunteer.id)} done={read} />
              </li>
            ))}</ul>
          )}
          <Reassign building={id} volunteers={got.value!.volunteers.nodes} done={read} />
        </details>
      )}
      <Suggestions community={community} buildingId={id} version={`${id} ${tile?.uncovered} ${again.value}`} done={read} />
      {of && of.holds.length > 0 && <section class="stack"><h3>{w.holds}</h3><Holds holds={of.holds} done={read} /></section>}
      {of && <HoldForm id={id} what={of.code} done={read} />}
      <nav aria-label={w.which}>
        <ul class="chips">{filters.map((f) => <li key={f.show}><a class="button" aria-current={f.show === show ? 'true' : undefined} {...linkTo({ show: f.show, order: null })}>{f.name} <b>{f.count}</b></a></li>)}</ul>
      </nav>
      <Orders community={community} show={show} buildingId={id} version={JSON.stringify(tile)} />
    </Panel>
  );
}

const services = (v: Volunteer) => v.services.map((s) => ({ buildingId: s.building.id, duty: s.duty }));

/** Puts a volunteer of the supply squad in charge of a building. Holders of its orders follow at once. */
function Reassign({ building, volunteers, done }: { building: string; volunteers: readonly Volunteer[]; done: () => void }) {
  const { busy, refused, run } = useAct();
  const who = useSignal('');
  const duty = useSignal<'PRIMARY' | 'BACKUP'>('PRIMARY');
  const able = volunteers.filter((v) => v.reachable && v.rank === 'MEMBER');
  return (
    <details class="act reassign">
      <summary>{w.add}</summary>
      <form class="stack" onSubmit={async (e) => {
        e.preventDefault();
        const v = able.find((x) => x.id === who.value) ?? able[0];
        if (!v) return;
        const next = [...services(v).filter((s) => s.buildingId !== building), { buildingId: building, duty: duty.value }];
        if (await run((key) => ({ mutation: updateVolunteers, input: { clientMutationId: key, volunteers: [{ id: v.id, expectedVersion: v.version, services: next }] } }))) done();
      }}>
        <label>{w.who}
          <select value={who.value || able[0]?.id} onChange={(e) => (who.value = e.currentTarget.value)}>
            {able.map((v) => <option key={v.id} value={v.id}>{v.code} · {w.buildings(v.services.length)}</option>)}
          </select>
        </label>
        <label>{w.asWhat}
          <select value={duty.value} onChange={(e) => (duty.value = e.currentTarget.value as 'PRIMARY')}>
            <option value="PRIMARY">{term(terms.duties, 'PRIMARY')}</option><option value="BACKUP">{term(terms.duties, 'BACKUP')}</option>
          </select>
        </label>
        <p class="refused" role="alert">{refused}</p>
        <p><button class="main" disabled={busy.value || able.length === 0}>{w.save}</button></p>
      </form>
    </details>
  );
}

function Off({ building, volunteer: v, done }: { building: string; volunteer: Volunteer | undefined; done: () => void }) {
  const { busy, refused, run } = useAct();
  if (!v) return null;
  return (
    <span>
      <button disabled={busy.value} onClick={async () => {
        const next = services(v).filter((s) => s.buildingId !== building);
        if (await run((key) => ({ mutation: updateVolunteers, input: { clientMutationId: key, volunteers: [{ id: v.id, expectedVersion: v.version, services: next }] } }))) done();
      }}>{w.off}</button>
      <span class="refused" role="alert">{refused}</span>
    </span>
  );
}
