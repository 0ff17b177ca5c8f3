export type Cell = string | number;
type TableProps = { id: string; label: string; head: readonly string[]; rows: readonly (readonly Cell[])[] };

/** A table whose first column names the row. It scrolls by itself on a narrow screen, also by keyboard. */
export const Table = ({ id, label, head, rows }: TableProps) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={label}>
    <table id={id}>
      <thead><tr>{head.map((h, i) => <th key={i} scope="col">{h}</th>)}</tr></thead>
      <tbody>{rows.map((r, i) => <tr key={i}>{r.map((cell, j) => (j === 0 ? <th key={j} scope="row">{cell}</th> : <td key={j}>{cell}</td>))}</tr>)}</tbody>
    </table>
  </div>
);
