import { useSignal } from '@preact/signals';

import { act } from '../shared/api';
import { Said, useAct } from '../shared/act';
import { newKey } from '../shared/store';
import { dayAfter } from '../shared/day';
import { date, now } from '../shared/time';
import { type Dated, instant, timeOf } from './draft';
import { type Answer, archive, type Input, save } from './operations';
import { Plan } from './plan';
import { w } from './terms';

type ScenariosProps = {
  community: string; list: readonly Dated[]; open: Dated | null; tomorrow: string; busy: boolean; day: string; answer: Answer | null;
  input: () => Input; complete: () => boolean; show: (s: Dated | null) => void; kept: (s: Dated | null) => void; changed: (list: Dated[]) => void; compare: (s: Dated | null) => void;
};

const byName = (a: Dated, b: Dated) => a.name.localeCompare(b.name, 'zh-CN');

/** The saved scenarios: opening, saving, archiving, the one to compare with, and making the present one the plan of a day that has not begun. */
export function Scenarios({ community, list, open, input, tomorrow, busy, day, answer, complete, show, kept, changed, compare }: ScenariosProps) {
  const name = useSignal('');
  const onlyDay = useSignal(open?.values.day != null);
  const against = useSignal('');
  const done = useAct();
  const key = useSignal({ of: '', key: '' }).value;

  /** Returns one key for as long as the act stays the same. */
  function keyOf(act: unknown): string {
    const of = JSON.stringify(act);
    if (key.of !== of) Object.assign(key, { of, key: newKey() });
    return key.key;
  }
  async function keep(over: Dated | null) {
    if (!complete()) return;
    const called = name.value.trim() || over?.name || '';
    const given = input();
    const scenario = onlyDay.value ? given : { ...forTomorrow(given, tomorrow), day: null };
    const what = { communityId: community, id: over?.id ?? null, expectedVersion: over?.version ?? null, name: called, scenario };
    let got: Dated | null | undefined;
    await done.run(async (failed) => {
      const answer = await act(save, { input: { ...what, clientMutationId: keyOf(what) } }, failed);
      const scenario = answer.saveScenario.scenario;
      got = scenario && { ...scenario, tomorrow: dayAfter(date(now.value)) };
      return answer.saveScenario;
    }, () => w.savedAs(called));
    if (!got) return;
    const written = got;
    name.value = '';
    changed([...list.filter((s) => s.id !== written.id), written].sort(byName));
    kept(written);
  }
  async function putAway(s: Dated) {
    const what = { scenarioId: s.id, expectedVersion: s.version };
    const gone = await done.run(async (failed) => (await act(archive, { input: { ...what, clientMutationId: keyOf(what) } }, failed)).archiveScenario, () => w.archived(s.name));
    if (!gone) return;
    changed(list.filter((x) => x.id !== s.id));
    if (against.value === s.id) against.value = '';
    kept(null);
  }
  return (
    <section class="stack" id="saved" aria-labelledby="saved-title">
      <h2 id="saved-title">{w.saved}</h2>
      <p id="current">{open ? w.loaded(open.name) : w.unsaved}</p>
      {list.length === 0 ? <p class="faint" id="none">{w.none}</p> : (
        <div class="fields">
          <div>
            <label for="open">{w.open}</label>
            <select id="open" value={open?.id ?? ''} disabled={busy} onChange={(e) => {
              const next = list.find((s) => s.id === e.currentTarget.value) ?? null;
              onlyDay.value = next?.values.day != null;
              show(next);
            }}>
              <option value="">{w.community}</option>
              {list.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
            </select>
          </div>
          <div>
            <label for="against">{w.against}</label>
            <select id="against" value={against.value} onChange={(e) => (against.value = e.currentTarget.value)}>
              <option value="">{w.community}</option>
              {list.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
            </select>
          </div>
        </div>
      )}
      <p class="row"><button id="compare" disabled={busy} onClick={() => complete() && compare(list.find((s) => s.id === against.value) ?? null)}>{w.compare}{list.length === 0 ? `: ${w.community}` : ''}</button></p>
      <form class="fields" data-kept onSubmit={(e) => {
        e.preventDefault();
        void keep(null);
      }}>
        <div>
          <label for="name">{w.name}</label>
          <input id="name" required={!open} maxLength={60} autoComplete="off" placeholder={open?.name ?? ''} value={name} onInput={(e) => (name.value = e.currentTarget.value)} />
        </div>
        <label class="tick" for="only"><input id="only" type="checkbox" checked={onlyDay.value} onChange={(e) => (onlyDay.value = e.currentTarget.checked)} />{w.onlyDay}</label>
        <p class="row">
          {open && <button type="button" id="overwrite" disabled={done.busy.value} onClick={() => void keep(open)}>{w.saveOld}</button>}
          <button id="save" disabled={done.busy.value}>{w.saveNew}</button>
          {open && <button type="button" class="danger" id="archive" disabled={done.busy.value} onClick={() => void putAway(open)}>{w.archive}</button>}
        </p>
      </form>
      <Said of={done} />
      {day > date(now.value) && <Plan input={input} complete={complete} answer={answer} busy={busy} />}
    </section>
  );
}

// A scenario for any day is saved with the times of tomorrow.
function forTomorrow(s: Input, tomorrow: string): Input {
  if (!s.day || s.day === tomorrow) return s;
  const moved = (at: string) => instant(tomorrow, timeOf(s.day!, at));
  return {
    ...s, by: s.by ? moved(s.by) : null,
    trucks: s.trucks?.map((t) => ({ ...t, at: moved(t.at) })) ?? null,
    hands: s.hands?.map((h) => ({ ...h, from: moved(h.from) })) ?? null,
    heldBuildings: s.heldBuildings?.map((h) => ({ ...h, from: moved(h.from), until: moved(h.until) })) ?? null,
  };
}
