import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask } from '../shared/api';
import type { ResultOf } from '../shared/graphql';
import { language, words } from '../shared/language';
import { useAct } from './act';
import { suggestions, updateVolunteers } from './operations';
import { closed, linkTo } from './place';
import type { State } from './state';

const w = words({
  title: ['谁负责哪栋楼', 'Who serves which building'],
  covered: ['没有缺队员的楼栋。', 'No building lacks a volunteer.'],
  uncovered: ['无队员：', 'Without a volunteer:'],
  see: ['查看调整建议', 'See suggested changes'],
  suggested: ['调整建议', 'Suggested changes'],
  how: ['只增加或交接，没有楼栋会少人负责。负荷按户数、在途订单和有无电梯计算。', 'No building is served by fewer people. The load counts households, open orders and whether there is a lift.'],
  none: ['没有建议：每栋楼都有队员，负荷也均匀。', 'No suggestion: every building has a volunteer, and the loads are even.'],
  apply: ['照此调整', 'Apply'],
  all: [(n: number) => `全部 ${n} 项一起调整`, (n: number) => `Apply all ${n}`],
  done: [(n: number) => `已调整 ${n} 名队员。责任人随之变更。`, (n: number) => (n === 1 ? '1 volunteer was changed. Holders of orders follow.' : `${n} volunteers were changed. Holders of orders follow.`)],
  loading: ['正在载入…', 'Loading…'],
});

type Change = ResultOf<typeof suggestions>['suggestAssignments'][number];

/** Reports whether a change concerns a building: the volunteer's duty there would differ. */
function concerns(c: Change, buildingId: string): boolean {
  const next = c.services.find((s) => s.buildingId === buildingId)?.duty;
  return next !== c.volunteer?.services.find((s) => s.building.id === buildingId)?.duty;
}

/** The buildings without a volunteer, and the way to the suggestions. */
export function Uncovered({ state }: { state: State }) {
  const text = useComputed(() => state.ids.value.filter((id) => state.tile(id)!.value.uncovered).join(' ')); // tiles change often, this does not
  const bare = text.value.split(' ').filter((id) => id !== '');
  return (
    <section class="stack uncovered" aria-labelledby="uncovered">
      <h2 id="uncovered">{w.title}</h2>
      {bare.length === 0 ? <p class="faint">{w.covered}</p> : (
        <p class="row"><b class="refused">{w.uncovered}</b> {bare.map((id) => <a key={id} class="code" {...linkTo({ ...closed, building: id })}>{state.code(id)}</a>)}</p>
      )}
      <p><a class="see" {...linkTo({ ...closed, show: 'assignments' })}>{w.see}</a></p>
    </section>
  );
}

/** The name of the panel of all suggestions. */
export const suggestionsName = () => w.title;

/**
 * Suggested changes of who serves which building, each with the reason and a button; with buildingId those that concern this building, and
 * nothing if there are none. version changes when the suggestions may have.
 */
export function Suggestions({ community, buildingId = null, version, done = () => {} }: { community: string; buildingId?: string | null; version: string; done?: () => void }) {
  const list = useSignal<readonly Change[] | null>(null);
  const failed = useSignal('');
  const changed = useSignal(0);
  const again = useSignal(0);
  const { busy, refused, run } = useAct();
  useEffect(() => {
    let over = false;
    ask(suggestions, { c: community }).then((d) => {
      if (over) return;
      failed.value = '';
      list.value = d.suggestAssignments;
    }, (e) => over || (failed.value = e instanceof Error ? e.message : String(e)));
    return () => void (over = true);
  }, [community, version, language.value, again.value]);

  async function apply(changes: readonly Change[]) {
    changed.value = 0;
    const volunteers = changes.map((c) => ({ id: c.volunteerId, expectedVersion: c.expectedVersion, services: c.services.map(({ buildingId, duty }) => ({ buildingId, duty })) }));
    if (await run((key) => ({ mutation: updateVolunteers, input: { clientMutationId: key, volunteers, atomic: true } }))) {
      changed.value = changes.length;
      done();
    }
    again.value++; // also after a refusal: another lead may have changed something
  }

  const shown = buildingId === null ? list.value : list.value?.filter((c) => concerns(c, buildingId));
  if (buildingId !== null && !shown?.length && !changed.value && !refused.value) return null;
  return (
    <section class="stack suggestions" aria-label={w.suggested}>
      {buildingId !== null && <h3>{w.suggested}</h3>}
      {failed.value && <p class="refused" role="alert">{failed}</p>}
      <p role="status">{changed.value > 0 ? w.done(changed.value) : !shown && !failed.value ? w.loading : ''}</p>
      <p class="refused" role="alert">{refused}</p>
      {shown && (shown.length === 0 ? buildingId === null && <p>{w.none}</p> : (
        <>
          <p class="faint">{w.how}</p>
          <ul class="lines">
            {shown.map((c) => <li key={c.volunteerId} class="incident"><span>{c.why}</span><button disabled={busy.value} onClick={() => void apply([c])}>{w.apply}</button></li>)}
          </ul>
          {shown.length > 1 && <p><button class="main all" disabled={busy.value} onClick={() => void apply(shown)}>{w.all(shown.length)}</button></p>}
        </>
      ))}
    </section>
  );
}
