import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Said, useAct } from '../shared/act';
import { act, ask } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { when } from '../shared/time';
import { me } from '../shared/viewer';
import { download } from '../shared/download';
import { upload } from '../shared/upload';
import { refresh } from './orders';
import { Review } from './review';
import { type Counts, Outcome, Rows } from './rows';
import { kindOf } from './kind';

const w = words({
  title: ['导入订单表格', 'Import orders from a file'],
  file: ['选择文件（CSV、TSV、XLSX）', 'Choose a file (CSV, TSV, XLSX)'],
  check: ['先检查', 'Check it first'],
  checked: ['尚未导入。导入后会是：', 'Nothing is imported yet. The import would do this:'],
  go: ['导入', 'Import it'],
  done: ['已导入。', 'Imported.'],
  long: ['文件较长，服务器会继续导入，请稍后查看。', 'The file is long. The server goes on with it; look again in a while.'],
  earlier: ['最近的导入', 'Recent imports'],
  rows: ['下载待处理的行', 'Download the rows that wait'],
});

const importOrders = graphql(`
  mutation Import($input: ImportOrdersInput!) {
    importOrders(input: $input) {
      import { id finished placed changed unchanged inReview refused }
      report {
        rows placed changed unchanged inReview refused passedOver
        details(outcomes: [REVIEW, REFUSED]) { row fileRows number text outcome message goods { item quantity unit } }
      }
      userErrors { message }
    }
  }
`);

const recent = graphql(`
  query Imports($communityId: ID!) {
    imports(communityId: $communityId, first: 5) { nodes { id name startedAt finished placed changed unchanged inReview refused dropped } }
  }
`);

type Report = NonNullable<ResultOf<typeof importOrders>['importOrders']['report']>;
type Import = ResultOf<typeof recent>['imports']['nodes'][number];

/** Imports a file of orders: checked first, then for good, with the rows that wait for a decision. */
export function Imports() {
  const { community, supplier } = me.value!;
  const file = useSignal<File | null>(null);
  const checked = useSignal<{ fileId: string; report: Report } | null>(null);
  const list = useSignal<readonly Import[]>([]);
  const key = useSignal(newKey());
  const doing = useAct();

  const read = () => void ask(recent, { communityId: community!.id }).then((got) => (list.value = got.imports.nodes), () => {});
  useEffect(read, []);

  const input = (fileId: string, dryRun: boolean) => ({ clientMutationId: key.value, communityId: community!.id, supplierId: supplier!.id, kind: kindOf(file.value!.name), fileId, name: file.value!.name.slice(0, 80), dryRun });

  async function check(e: Event) {
    e.preventDefault();
    if (!file.value) return;
    checked.value = null;
    key.value = newKey();
    await doing.run(async (failed) => {
      const fileId = await upload(file.value!);
      const got = (await act(importOrders, { input: input(fileId, true) }, failed)).importOrders;
      if (got.report) checked.value = { fileId, report: got.report };
      return got;
    });
    key.value = newKey();
  }

  async function go(fileId: string) {
    let told = () => w.done;
    const done = await doing.run(async (failed) => {
      const got = (await act(importOrders, { input: input(fileId, false) }, failed)).importOrders;
      if (got.import && !got.import.finished) told = () => w.long;
      return got;
    });
    key.value = newKey();
    read();
    refresh();
    if (!done) return;
    doing.said.value = told;
    checked.value = null;
  }

  return (
    <section class="stack" id="imports">
      <h2>{w.title}</h2>
      <form class="row" onSubmit={check}>
        <label class="grow">{w.file}<input type="file" id="file" required accept=".csv,.tsv,.txt,.xlsx" onChange={(e) => {
          file.value = e.currentTarget.files?.[0] ?? null;
          checked.value = null;
        }} /></label>
        <button id="check" disabled={doing.busy}>{w.check}</button>
      </form>
      <Said of={doing} />
      {checked.value && (
        <div class="panel stack" id="report">
          <p>{w.checked}</p>
          <Outcome of={checked.value.report} />
          <Rows rows={checked.value.report.details} />
          <p><button id="import" class="main" disabled={doing.busy} onClick={() => void go(checked.value!.fileId)}>{w.go}</button></p>
        </div>
      )}
      {list.value.length > 0 && <h3>{w.earlier}</h3>}
      <ul class="orders">
        {list.value.map((i) => (
          <li key={i.id} class="stack" data-import={i.name}>
            <span>{i.name} · <small class="faint">{when(i.startedAt)}</small></span>
            <Outcome of={i satisfies Counts} />
            {i.inReview + i.refused > 0 && <button type="button" onClick={() => void download(`imports/${i.id}/rows.csv`, 'rows.csv').catch((e) => (doing.said.value = String(e.message)))}>{w.rows}</button>}
            {i.inReview > 0 && <Review of={i.id} community={community!.id} settled={() => {
              read();
              refresh();
            }} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
