import type { ComponentChildren } from 'preact';

import { said, words } from '../shared/language';

const w = words({
  placed: [(n: number) => `新订单 ${n}`, (n: number) => (n === 1 ? '1 new order' : `${n} new orders`)],
  changed: [(n: number) => `更改 ${n}`, (n: number) => `${n} changed`],
  unchanged: [(n: number) => `未变 ${n}`, (n: number) => `${n} unchanged`],
  inReview: [(n: number) => `待处理 ${n}`, (n: number) => (n === 1 ? '1 waits for a decision' : `${n} wait for a decision`)],
  refused: [(n: number) => `不可用 ${n}`, (n: number) => `${n} cannot be used`],
  dropped: [(n: number) => `已放弃 ${n}`, (n: number) => `${n} dropped`],
  row: [(n: string) => `第 ${n} 行`, (n: string) => `Row ${n}`],
});

export type Counts = { readonly placed: number; readonly changed: number; readonly unchanged: number; readonly inReview: number; readonly refused: number; readonly dropped?: number };

/** What became of the rows of an import, in numbers. */
export function Outcome({ of }: { of: Counts }) {
  const parts = [w.placed(of.placed), of.changed > 0 && w.changed(of.changed), of.unchanged > 0 && w.unchanged(of.unchanged), of.inReview > 0 && w.inReview(of.inReview),
    of.refused > 0 && w.refused(of.refused), (of.dropped ?? 0) > 0 && w.dropped(of.dropped!)];
  return <p class="outcome">{parts.filter(Boolean).join(' · ')}</p>;
}

export type Row = { readonly row: number; readonly fileRows: readonly number[]; readonly text: string; readonly message: string; readonly goods: readonly { readonly item: string; readonly quantity: string; readonly unit: string }[] };

/** One row as it was written, with the reason why it waits or cannot be used. */
export function RowText({ of, children }: { of: Row; children?: ComponentChildren }) {
  return (
    <li data-row={of.row} class="stack">
      <span><b>{w.row(of.fileRows.join(said(['、', ', '])) || String(of.row))}</b> {of.text}<br /><span class="refused">{of.message}</span><br />
        <small class="faint">{of.goods.map((g) => `${g.item} ${g.quantity} ${g.unit}`).join(said(['，', ', ']))}</small></span>
      {children}
    </li>
  );
}

export const Rows = ({ rows }: { rows: readonly Row[] }) => (rows.length === 0 ? null : <ul class="orders">{rows.map((r) => <RowText key={r.row} of={r} />)}</ul>);
