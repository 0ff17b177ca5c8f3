import { said, type Text, words } from '../shared/language';
import { countOf, enter, type Entries, saidOf, sumsOf } from './entries';
import { List } from './list';
import type { Row } from './operations';

const w = words({
  list: ['按楼栋', 'By building'],
  tick: ['勾出没到齐的单。点袋数可填到了几袋、破损几袋，多到的也填在这里。', 'Tick the orders that are not all here. Tap a number of bags to enter how many came, also more than announced, and how many are damaged.'],
  close: [(n: number) => `清点完毕，${n} 单与预告不同`, (n: number) => `Count is complete, ${n === 1 ? '1 order differs' : `${n} orders differ`}`],
});

export type Listed = { orderId: string; received: number; damaged: number };

type Props = { community: string; truck: string; rows: readonly Row[]; entries: Entries; counting: boolean; begin: () => void; count: (orders: Listed[], parts: Text[], differ: Text) => void };

/** The list of a truck that is here. While it is counted, what differs is sent with the button at its end. */
export function Count({ community, truck, rows, entries, counting, begin, count }: Props) {
  const sums = sumsOf(rows, entries);
  return (
    <form class="stack" id="count" onSubmit={(e) => {
      e.preventDefault();
      if (sums.orders === 0) return;
      const entered = rows.filter((r) => r.order.id in entries);
      count(entered.map((r) => ({ orderId: r.order.id, ...countOf(r, entries) })), entered.map((r): Text => [`#${r.order.number}`, `#${r.order.number}`]), saidOf(sums));
    }}>
      {counting ? <p>{w.tick}</p> : <h3 class="aside">{w.list}</h3>}
      <List rows={rows} counts={{ entries, ticks: counting, begin, change: (row, entry) => enter(community, truck, row, entry) }} />
      {counting && (
        <>
          <p id="sums" role="status">{said(saidOf(sums))}</p>
          <button id="complete" class="main" disabled={sums.orders === 0}>{w.close(sums.orders)}</button>
        </>
      )}
    </form>
  );
}
