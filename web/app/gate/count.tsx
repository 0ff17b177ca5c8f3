import { useSignal } from '@preact/signals';

import { said, type Text, words } from '../shared/language';
import { marks } from '../shared/terms';
import type { Row } from './operations';

const w = words({
  tick: ['勾出没到齐的单', 'Tick the orders that are not all here'],
  of: [(n: number) => `应有 ${n} 袋`, (n: number) => `${n} announced`],
  came: ['到了几袋？', 'How many bags came?'],
  close: [(n: number) => `清点完毕，${n} 单缺件`, (n: number) => `Count is complete, ${n} with bags missing`],
});

/** The list of a truck by building. What is ticked is not all here; the pad says how many bags came. */
export function Count({ rows, count }: { rows: readonly Row[]; count: (orders: { orderId: string; received: number }[], parts: Text[]) => void }) {
  const came = useSignal<Readonly<Record<string, number>>>({});
  const active = useSignal<string | null>(null);
  const buildings = [...new Set(rows.map((r) => r.order.building?.code ?? ''))].sort(new Intl.Collator('en', { numeric: true }).compare);
  const set = (id: string, n: number | null) => {
    const { [id]: _, ...others } = came.value;
    came.value = n === null ? others : { ...others, [id]: n };
    active.value = n === null ? null : id;
  };
  const ticked = rows.filter((r) => r.order.id in came.value);
  return (
    <form class="stack" id="count" onSubmit={(e) => {
      e.preventDefault();
      count(ticked.map((r) => ({ orderId: r.order.id, received: came.value[r.order.id]! })), ticked.map((r): Text => [`#${r.order.number}`, `#${r.order.number}`]));
    }}>
      <p>{w.tick}</p>
      {buildings.map((b) => (
        <fieldset key={b} class="stack">
          <legend>{b}</legend>
          {rows.filter((r) => (r.order.building?.code ?? '') === b).map((r) => (
            <div key={r.order.id} class="stack">
              <label class="row"><input type="checkbox" data-number={r.order.number} checked={r.order.id in came.value} onInput={(e) => set(r.order.id, e.currentTarget.checked ? 0 : null)} />
                <span>#{r.order.number} · {r.order.label} · {w.of(r.announced)} {r.order.marks.map((m) => <b key={m}>{said(marks[m], m)} </b>)}</span>
              </label>
              {active.value === r.order.id && r.announced > 1 && (
                <div class="row pad" role="group" aria-label={w.came}>
                  <span>{w.came} <b>{came.value[r.order.id]}</b></span>
                  {r.announced > 12
                    ? <input type="number" inputMode="numeric" aria-label={w.came} min={0} max={r.announced - 1} value={came.value[r.order.id]} onInput={(e) => set(r.order.id, Math.max(0, Math.min(r.announced - 1, Math.floor(Number(e.currentTarget.value)))))} />
                    : Array.from({ length: r.announced }, (_, n) => <button key={n} type="button" aria-pressed={came.value[r.order.id] === n} onClick={() => set(r.order.id, n)}>{n}</button>)}
                </div>
              )}
            </div>
          ))}
        </fieldset>
      ))}
      <button id="complete" class="main" disabled={ticked.length === 0}>{w.close(ticked.length)}</button>
    </form>
  );
}
