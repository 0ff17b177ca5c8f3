import { words } from '../shared/language';
import { awaited, scanned } from './count';
import type { Bag } from './list';

const w = words({
  here: [(n: number, of: number) => `${of} 袋里扫到 ${n} 袋，还不能入格。`, (n: number, of: number) => `${n} of ${of} bags are here. The order is sorted with the last.`],
  again: [(n: number) => `第 ${n} 袋已扫过。`, (n: number) => `Bag ${n} was scanned before.`],
  which: ['编号上没有袋号。这是第几袋？', 'The number does not say which bag this is. Which is it?'],
  bag: [(n: number) => `第 ${n} 袋`, (n: number) => `Bag ${n}`],
  all: [(n: number) => `${n} 袋都在`, (n: number) => `All ${n} are here`],
  rest: [(n: number) => `其余 ${n} 袋缺，先入格`, (n: number) => `The other ${n === 1 ? 'bag is' : `${n} are`} missing: sort what is here`],
});

const most = 12; // bags with a button each

/** What this device has scanned of an order in several bags, and what to do about the others. */
export function Bags({ bag: { bag, order }, repeated, here, put }: { bag: Bag; repeated: boolean; here: (bag: number) => void; put: (short: number) => void }) {
  const done = scanned(order.id);
  const of = awaited(order);
  return (
    <div class="stack" id="bags">
      {repeated && bag !== null && <p class="note warn">{w.again(bag)}</p>}
      <p><b>{w.here(done.length, of)}</b></p>
      {order.bags <= most && (
        <div class="stack" role="group" aria-label={w.which}>
          {bag === null && <p>{w.which}</p>}
          <p class="row">{Array.from({ length: order.bags }, (_, i) => i + 1).map((n) => <button key={n} data-bag={n} aria-pressed={done.includes(n)} disabled={done.includes(n)} onClick={() => here(n)}>{w.bag(n)}</button>)}</p>
        </div>
      )}
      <p class="row">
        <button class="allhere" onClick={() => put(0)}>{w.all(of)}</button>
        {done.length > 0 && <button class="rest" onClick={() => put(of - done.length)}>{w.rest(of - done.length)}</button>}
      </p>
    </div>
  );
}
