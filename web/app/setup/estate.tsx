import { useSignal } from '@preact/signals';

import { act } from '../shared/api';
import { address } from '../shared/address';
import type { graphql } from '../shared/graphql';
import { said, type Text, words } from '../shared/language';
import { newKey } from '../shared/store';
import { upload } from '../shared/upload';
import { importEstate, type Report } from './operations';

const w = words({
  title: ['1. 楼栋、住户、队员、商超：一份表格', '1. Buildings, households, the team, suppliers: one spreadsheet'],
  template: ['下载模板', 'Download the template'],
  file: ['填好的表格（XLSX 或 CSV）', 'The filled-in spreadsheet (XLSX or CSV)'],
  check: ['先检查，不保存', 'Check it first; nothing is saved'],
  save: ['保存', 'Save'],
  saveRight: ['只保存没有错误的行', 'Save the rows without errors'],
  reading: ['正在读取…', 'Reading…'],
  saved: ['已保存。', 'Saved.'],
  notSaved: ['尚未保存：', 'Not saved yet:'],
  fine: ['没有错误，可以保存。', 'No errors: it can be saved.'],
  errors: [(n: number) => `${n} 处有误：请在表格里改正后再检查。`, (n: number) => (n === 1 ? '1 cell is wrong: correct it in the spreadsheet and check again.' : `${n} cells are wrong: correct them in the spreadsheet and check again.`)],
  sheet: ['表', 'Sheet'], added: ['新增', 'New'], changed: ['更改', 'Changed'], unchanged: ['不变', 'Unchanged'], wrong: ['有误', 'Wrong'], missing: ['表中没有（保留）', 'Not in the file (kept)'],
  where: ['位置', 'Where'], what: ['问题', 'What is wrong'],
  remarks: ['说明', 'Remarks'],
});

type Kind = ReturnType<typeof graphql.scalar<'EstateSheetKind'>>;
const kinds: Record<Kind, Text> = { BUILDINGS: ['楼栋', 'Buildings'], UNITS: ['单元', 'Units'], HOUSEHOLDS: ['住户', 'Households'], SUPPLIERS: ['商超', 'Suppliers'], VOLUNTEERS: ['队员', 'Team'], ESTATE: ['小区', 'Estate'] };

/** Imports the estate from a spreadsheet: checked first, then saved. */
export function EstateStep({ community, saved }: { community: string; saved: () => void }) {
  const file = useSignal<File | null>(null);
  const report = useSignal<Report | null>(null);
  const refused = useSignal<string | null>(null);
  const busy = useSignal(false);

  async function send(dryRun: boolean, skipErrors = false) {
    if (!file.value || busy.value) return;
    busy.value = true;
    refused.value = null;
    try {
      const fileId = await upload(file.value, community);
      const { importEstate: got } = await act(importEstate, { input: { clientMutationId: newKey(), communityId: community, fileId, name: file.value.name, dryRun, skipErrors } });
      refused.value = got.userErrors[0]?.message ?? null;
      report.value = got.report;
      if (got.report?.written) saved();
    } catch (e) {
      refused.value = (e as Error).message;
    } finally {
      busy.value = false;
    }
  }

  const r = report.value;
  return (
    <section id="estate" class="noprint" aria-live="polite">
      <h2>{w.title}</h2>
      <p><a class="button" href={address('templates/baogong-estate.xlsx')} download>{w.template}</a></p>
      <label for="file">{w.file}</label>
      <input id="file" type="file" accept=".xlsx,.csv" onChange={(e) => {
        file.value = e.currentTarget.files?.[0] ?? null;
        report.value = null;
        void send(true);
      }} />
      <p class="row">
        <button id="check" disabled={!file.value || busy.value} onClick={() => send(true)}>{w.check}</button>
        {r && !r.written && r.errorCount === 0 && <button id="save" class="main" disabled={busy.value} onClick={() => send(false)}>{w.save}</button>}
        {r && !r.written && r.errorCount > 0 && <button id="save-right" disabled={busy.value} onClick={() => send(false, true)}>{w.saveRight}</button>}
        {busy.value && <span role="status">{w.reading}</span>}
      </p>
      {refused.value && <p class="refused" role="alert">{refused}</p>}
      {r && (
        <>
          <p id="outcome" class={`note ${r.errorCount > 0 ? 'bad' : 'good'}`}>{r.written ? w.saved : r.errorCount > 0 ? w.errors(r.errorCount) : `${w.notSaved} ${w.fine}`}</p>
          <div class="wide">
            <table>
              <thead><tr><th>{w.sheet}</th><th>{w.added}</th><th>{w.changed}</th><th>{w.unchanged}</th><th>{w.wrong}</th><th>{w.missing}</th></tr></thead>
              <tbody>{r.sheets.map((s) => <tr key={s.kind}><td>{said(kinds[s.kind], s.kind)}</td><td>{s.new}</td><td>{s.changed}</td><td>{s.unchanged}</td><td>{s.wrong}</td><td>{s.missing}</td></tr>)}</tbody>
            </table>
          </div>
          {r.errors.length > 0 && <Cells id="errors" title={w.what} cells={r.errors} />}
          {r.remarks.length > 0 && <details><summary>{w.remarks} ({r.remarks.length})</summary><Cells id="remarks" title={w.remarks} cells={r.remarks} /></details>}
        </>
      )}
    </section>
  );
}

function Cells({ id, title, cells }: { id: string; title: string; cells: Report['errors'] }) {
  return (
    <div class="wide">
      <table id={id}>
        <thead><tr><th>{w.where}</th><th>{title}</th></tr></thead>
        <tbody>{cells.map((c, i) => <tr key={i}><td>{c.sheet} {c.cell}</td><td>{c.message}</td></tr>)}</tbody>
      </table>
    </div>
  );
}
