import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Said, useAct } from '../shared/act';
import { act, ask } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { RowText } from './rows';

const w = words({
  address: ['正确的地址', 'The right address'],
  correct: ['改正', 'Correct it'],
  drop: ['放弃此行', 'Drop the row'],
  why: ['商家放弃', 'dropped by the supplier'],
  more: [(n: number) => `还有 ${n} 行。`, (n: number) => (n === 1 ? '1 more row.' : `${n} more rows.`)],
});

const waiting = graphql(`
  query Waiting($communityId: ID!, $importId: ID!) {
    importRows(communityId: $communityId, importId: $importId, outcomes: [REVIEW], first: 20) {
      totalCount
      nodes { row fileRows text message goods { item quantity unit } }
    }
  }
`);

const settle = graphql(`
  mutation Settle($input: SettleImportRowsInput!) {
    settleImportRows(input: $input) { results { row outcome userErrors { message } } userErrors { message } }
  }
`);

type Waiting = ResultOf<typeof waiting>['importRows'];
type Row = Waiting['nodes'][number];

/** The rows of an import that wait for the supplier: it corrects the address, or drops the row. */
export function Review({ of, community, settled }: { of: string; community: string; settled: () => void }) {
  const rows = useSignal<Waiting | null>(null);
  const read = () => void ask(waiting, { communityId: community, importId: of }).then((got) => (rows.value = got.importRows), () => {});
  useEffect(read, [of]);
  if (!rows.value) return null;
  return (
    <>
      <ul class="orders review">{rows.value.nodes.map((r) => <Decision key={r.row} of={r} importId={of} decided={() => {
        read();
        settled();
      }} />)}</ul>
      {rows.value.totalCount > rows.value.nodes.length && <p>{w.more(rows.value.totalCount - rows.value.nodes.length)}</p>}
    </>
  );
}

function Decision({ of, importId, decided }: { of: Row; importId: string; decided: () => void }) {
  const text = useSignal('');
  const doing = useAct();
  async function decide(decision: { text?: string; drop?: string }) {
    const input = { clientMutationId: newKey(), importId, rows: [{ row: of.row, ...decision }] };
    if (await doing.run(async (failed) => (await act(settle, { input }, failed)).settleImportRows)) decided();
  }
  return (
    <RowText of={of}>
      <form class="row" onSubmit={(e) => {
        e.preventDefault();
        void decide({ text: text.value.trim() });
      }}>
        <label class="grow">{w.address}<input required maxLength={500} placeholder="E6-1-1203" value={text} onInput={(e) => (text.value = e.currentTarget.value)} /></label>
        <button disabled={doing.busy}>{w.correct}</button>
        <button type="button" class="drop" disabled={doing.busy} onClick={() => void decide({ drop: w.why })}>{w.drop}</button>
      </form>
      <Said of={doing} />
    </RowText>
  );
}
