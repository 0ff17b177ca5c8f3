import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { type Ended, refresh } from './orders';
import { incidentStateWord, incidentWord } from './terms';

const w = words({
  what: ['哪里有问题？', 'What is wrong?'],
  words: ['请说明（可不填）', 'In your own words (optional)'],
  send: ['告诉保供队', 'Tell the team'],
  told: ['已告诉保供队，会有人处理。', 'The team has been told and will look into it.'],
  choose: ['请先选择是什么问题。', 'Please choose first what is wrong.'],
  reported: [(what: string, state: string) => `您反映的“${what}”：${state}`, (what: string, state: string) => `You reported “${what}”: ${state}`],
});

const report = graphql(`
  mutation Report($input: ReportIncidentsInput!) {
    reportIncidents(input: $input) { results { id userErrors { message } } userErrors { message } }
  }
`);

const kinds = ['NOT_RECEIVED', 'SHORT', 'DAMAGED', 'WRONG_PLACE', 'MONEY', 'COMPLAINT', 'OTHER'] as const;

/** "Something is wrong": a choice of what, and the household's own words. It opens an incident, which a person of the team takes up. */
export function Trouble({ order, close }: { order: string; close: () => void }) {
  const kind = useSignal<(typeof kinds)[number] | null>(null);
  const note = useSignal('');
  const key = useSignal(newKey());
  const doing = useAct();
  async function send(e: Event) {
    e.preventDefault();
    if (!kind.value) {
      doing.said.value = () => w.choose;
      doing.refused.value = true;
      return;
    }
    const input = { clientMutationId: key.value, incidents: [{ kind: kind.value, subjectId: order, note: note.value.trim() }] };
    const done = await doing.run(async (failed) => (await act(report, { input }, failed)).reportIncidents, () => w.told);
    key.value = newKey();
    if (!done) return;
    refresh();
    close();
  }
  return (
    <form class="panel stack trouble" onSubmit={send}>
      <fieldset disabled={doing.busy}>
        <legend>{w.what}</legend>
        {kinds.map((k) => (
          <label key={k} class="choice"><input type="radio" name={`trouble-${order}`} value={k} checked={kind.value === k} onChange={() => (kind.value = k)} />{incidentWord(k)}</label>
        ))}
      </fieldset>
      <label>{w.words}<textarea rows={2} maxLength={500} value={note} onInput={(e) => (note.value = e.currentTarget.value)} /></label>
      <Said of={doing} />
      <button class="main" disabled={doing.busy}>{w.send}</button>
    </form>
  );
}

/** What was reported about an order, and how far it is. */
export function Reported({ of }: { of: Ended['incidents'] }) {
  if (of.length === 0) return null;
  return <ul class="reported">{of.map((i) => <li key={i.id}>{w.reported(incidentWord(i.kind), incidentStateWord(i.state))}</li>)}</ul>;
}
