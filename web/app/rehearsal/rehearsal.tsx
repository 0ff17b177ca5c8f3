import './rehearsal.css';

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { ask } from '../shared/api';
import { CommunityChoice, useCommunity } from '../shared/choice';
import { dayAfter } from '../shared/day';
import { language } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { Refused } from '../shared/post';
import { clock, date, hear, now, zone } from '../shared/time';
import { Answered, Head } from './answer';
import { Compared } from './compared';
import { type Dated, type Draft, draftOf, empty, inputOf } from './draft';
import { Form } from './form';
import { type Answer, type Comparison, compare, type Input, rehearse, start, type Start } from './operations';
import { Scenarios } from './saved';
import { w } from './terms';

export function RehearsalPage() {
  return (
    <Frame title={['流程模拟', 'Rehearsal']} class="rehearsal">
      <SignedIn page="rehearsal"><Chosen /></SignedIn>
    </Frame>
  );
}

function Chosen() {
  const community = useCommunity();
  return (
    <div class="stack">
      <CommunityChoice chosen={community} />
      {community.value && <Rehearsal key={`${community.value} ${zone.value}`} community={community.value} />}
    </div>
  );
}

/** What an answer is of: a scenario, the saved one that it has the name of, and whether it was changed since it was saved. */
type Asked = { input: Input; name: string | null; changed: boolean; draft: Draft };

const nameOf = (a: Asked) => (a.name !== null && a.changed ? w.changed(a.name) : a.name);

const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Asks with the replications of the scenarios, and where the server says that they are too many for so many orders, with as many as it allows. */
async function affordable<T>(ask: (replications: number | null) => Promise<T>): Promise<T> {
  for (let n: number | null = null; ; ) {
    try {
      return await ask(n);
    } catch (e) {
      const most = e instanceof Refused && e.reason === 'SCENARIO_TOO_LARGE' ? Number(e.message.match(/\d+/g)?.at(-1)) : 0;
      if (!(most >= 1) || (n !== null && most >= n)) throw e;
      n = most;
    }
  }
}


const message = (e: unknown) => (e instanceof Error ? e.message : String(e));

/** A scenario and its answer. The page begins with tomorrow as it is planned, or with the saved scenario of the address. */
function Rehearsal({ community }: { community: string }) {
  const tomorrow = dayAfter(date(now.value));
  const day = useSignal('');
  const draft = useSignal<Draft>(empty());
  const open = useSignal<Dated | null>(null); // the saved scenario that the form is of
  const begun = useSignal<(Start & { scenarios: Dated[] }) | null>(null);
  const answer = useSignal<(Asked & { answer: Answer }) | null>(null);
  const compared = useSignal<{ answer: Comparison; names: [string, string] } | null>(null);
  const busy = useSignal(false);
  const refused = useSignal('');

  const again = useRef<(() => Promise<void>) | null>(null); // asks for the shown answer again
  const top = useRef<HTMLDivElement>(null);
  const look = () => top.current?.scrollIntoView({ block: 'start' }); // the answer is above the form

  /** Says at the first field of the form that is not as it should be what is wrong there. */
  const complete = () => document.querySelector<HTMLFormElement>('#form')?.reportValidity() ?? true;
  const input = () => inputOf(draft.value, community, day.value, open.value);

  async function run<T>(what: () => Promise<T>): Promise<T | null> {
    busy.value = true;
    refused.value = '';
    try {
      return await what();
    } catch (e) {
      refused.value = message(e);
      return null;
    } finally {
      busy.value = false;
    }
  }
  /** What the form asks now, with what the answer is called. */
  const asked = (): Asked => ({ input: input(), name: open.value?.name ?? null, changed: open.value !== null && !unchanged(open.value), draft: draft.value });
  const unchanged = (s: Dated) => equal(draft.value, draftOf(s)) && day.value === (s.values.day ?? s.tomorrow);

  async function answerIt(what = asked()) {
    const got = await run(() => affordable((n) => ask(rehearse, { scenario: { ...what.input, compare: true, ...(n && { replications: n }) } })));
    if (!got) return;
    again.current = () => answerIt(what);
    compared.value = null;
    answer.value = { ...what, answer: got.rehearse };
  }
  async function compareWith(first: Asked, second = asked()) {
    const got = await run(() => affordable((n) => ask(compare, { first: { ...first.input, compare: false, ...(n && { replications: n }) }, second: { ...second.input, compare: true, ...(n && { replications: n }) } })));
    if (!got) return;
    again.current = () => compareWith(first, second);
    compared.value = { answer: got.compareRehearsals, names: [nameOf(first) ?? w.community, nameOf(second) ?? w.present] };
    answer.value = { ...second, answer: got.compareRehearsals.second };
  }
  const against = (s: Dated | null): Asked => {
    const d = s ? draftOf(s) : empty();
    return { input: inputOf(d, community, s?.values.day ?? day.value, s), name: s?.name ?? null, changed: false, draft: d };
  };
  function show(s: Dated | null) {
    open.value = s;
    draft.value = s ? draftOf(s) : empty();
    day.value = s?.values.day ?? dayAfter(date(now.value));
    const query = new URLSearchParams(location.search);
    if (s) query.set('scenario', s.id);
    else query.delete('scenario');
    history.replaceState(null, '', `${location.pathname}${query.size > 0 ? `?${query}` : ''}`);
  }

  /** Goes on with a scenario that was just saved or, with null, archived. The answer to what was saved is shown with its name. */
  function kept(s: Dated | null) {
    const a = answer.value;
    const same = s !== null && a !== null && equal(a.input, input());
    show(s);
    if (!same) return;
    const named: Asked = { input: input(), name: s.name, changed: false, draft: draft.value };
    answer.value = { ...named, answer: a.answer };
    if (!compared.value) again.current = () => answerIt(named);
  }

  useEffect(() => {
    void run(() => ask(start, { c: community })).then((got) => {
      if (!got) return;
      if (got.board) hear(got.board.at); // which day tomorrow is, the server says
      const scenarios = got.scenarios.map((s) => ({ ...s, tomorrow: dayAfter(date(now.value)) }));
      begun.value = { ...got, scenarios };
      const wanted = new URLSearchParams(location.search).get('scenario');
      show(scenarios.find((s) => s.id === wanted) ?? null);
      return answerIt();
    });
  }, []);

  // The server's sentences are in the language in which they were asked for.
  const shown = language.value;
  useEffect(() => {
    refused.value = '';
    void again.current?.();
  }, [shown]);

  const b = begun.value;
  if (!b) return <p role={refused.value ? 'alert' : 'status'} class={refused.value ? 'refused' : ''}>{refused.value || w.loading}</p>;
  const buildings = b.buildings.nodes.filter((x) => !x.archivedAt);
  const a = answer.value;
  return (
    <>
      <div class="stack" ref={top}>
        {busy.value && <p role="status" id="running" class="noprint">{w.running}</p>}
        {refused.value && <p class="refused noprint" role="alert" id="refused">{refused.value}</p>}
        {a && <Head of={a.answer} name={nameOf(a)} place={b.community ? `${b.community.name} ${b.community.code}` : ''} draft={a.draft} buildings={buildings} />}
        {a && !equal(a.input, input()) && !busy.value && <p class="note warn noprint" role="status" id="stale">{w.stale}</p>}
        {compared.value && <Compared of={compared.value.answer} names={compared.value.names} />}
      </div>
      <div class="noprint stack ask">
        <Form draft={draft} day={day} tomorrow={tomorrow} answer={a?.answer ?? null} buildings={buildings} busy={busy.value} run={() => void answerIt().then(look)} />
        <Scenarios community={community} list={b.scenarios} open={open.value} input={input} tomorrow={tomorrow} busy={busy.value} day={day.value} answer={a?.answer ?? null} complete={complete} show={(s) => {
          show(s);
          void answerIt();
        }} changed={(scenarios) => (begun.value = { ...b, scenarios })} kept={kept} compare={(s) => void compareWith(against(s)).then(look)} />
      </div>
      {a && <Answered of={a.answer} draft={a.draft} printed={w.printed(clock(now.value))} />}
    </>
  );
}
