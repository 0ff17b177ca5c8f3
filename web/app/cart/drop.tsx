import { useSignal } from '@preact/signals';

import { type Text, words } from '../shared/language';
import { add, type Draft } from '../shared/outbox';
import { drop, report } from './operations';
import type { Deed, Order, Stop } from './view';

const w = words({
  left: [(code: string, n: number) => `${code} 放下 ${n} 袋`, (code: string, n: number) => `Left ${n} ${n === 1 ? 'bag' : 'bags'} at ${code}`],
  none: ['一袋也没有，登记缺件', 'Nothing is here: report it'],
  counted: [(code: string) => `${code}：数到几袋？`, (code: string) => `${code}: how many bags did you count?`],
  tick: ['有缺件？勾出缺的订单', 'Something is missing? Tick its order'],
  bags: [(n: number) => `${n} 袋`, (n: number) => (n === 1 ? '1 bag' : `${n} bags`)],
  short: [(number: number) => `#${number} 缺几袋？`, (number: number) => `#${number}: how many bags are missing?`],
  stays: ['缺件的订单整单留在车上，并登记异常，写明订单号。', 'An order with a missing bag stays on the cart as a whole, and an incident names it.'],
  held: [(n: number) => `暂停的 ${n} 袋留在车上。`, (n: number) => `${n} held ${n === 1 ? 'bag stays' : 'bags stay'} on the cart.`],
  differs: [(want: number, got: number) => `应放下 ${want} 袋，数到 ${got} 袋。再数一遍，或勾出缺的订单。`, (want: number, got: number) => `There should be ${want === 1 ? '1 bag' : `${want} bags`}, and you counted ${got}. Count again, or tick the orders that are missing.`],
});

const sum = (orders: readonly Order[]) => orders.reduce((n, o) => n + o.bags, 0);

/** Leaves what the cart carries for a building there. What is missing is ticked, order by order, if the page knows the orders. */
export function DropAt({ stop, run }: { stop: Stop; run: { input: { runId?: string }; needs: NonNullable<Draft['needs']> } }) {
  const orders = stop.orders ?? [];
  const here = orders.filter((o) => !o.held);
  const heldBags = sum(orders) - sum(here);
  const count = useSignal<number | null>(null); // as typed; null: as many as there should be
  const missing = useSignal<Readonly<Record<string, number>>>({}); // bags that are missing, by order
  const listed = useSignal(false);
  const differs = useSignal(false);
  const gone = here.filter((o) => o.id in missing.value);
  const want = stop.bags - heldBags - sum(gone);
  const bags = count.value ?? want;
  const id = `count-${stop.code}`;

  const tick = (o: Order, n: number | null) => {
    const { [o.id]: _, ...others } = missing.value;
    missing.value = n === null ? others : { ...others, [o.id]: n };
    count.value = null;
    differs.value = false;
  };

  function leave() {
    differs.value = stop.orders !== null && bags !== want;
    if (differs.value) {
      listed.value = true;
      return;
    }
    if (bags > 0 || stop.orders === null) {
      void add(drop, {
        page: 'cart', input: { ...run.input, buildingId: stop.id, bags, missingOrderIds: gone.map((o) => o.id) }, needs: run.needs,
        says: [`${stop.code} 放下 ${bags} 袋`, `Left ${bags} at ${stop.code}`],
        detail: { kind: 'drop', building: stop.id, left: stop.orders && here.filter((o) => !gone.includes(o)).map((o) => o.id), stays: stop.bags - bags } satisfies Deed,
      });
    }
    if (gone.length === 0) return;
    void add(report, {
      page: 'cart', input: { incidents: gone.map((o) => ({ kind: missing.value[o.id] === o.bags ? 'MISSING' as const : 'SHORT' as const, subjectId: o.id, bags: missing.value[o.id]! })) },
      says: [`${stop.code} 缺件：${gone.map((o) => `#${o.number}`).join('、')}`, `Missing at ${stop.code}: ${gone.map((o) => `#${o.number}`).join(', ')}`],
      parts: gone.map((o): Text => [`#${o.number}`, `#${o.number}`]), detail: { kind: 'report' } satisfies Deed,
    });
    missing.value = {};
  }

  if (stop.orders !== null && here.length === 0 && want <= 0) return <li class="bin"><p><b>{stop.code}</b></p><p class="note warn">{w.held(heldBags)}</p></li>;
  return (
    <li class="bin">
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        leave();
      }}>
        <label for={id}>{w.counted(stop.code)}</label>
        <input id={id} type="number" inputMode="numeric" min={0} max={10000} required value={bags} aria-invalid={differs.value} onInput={(e) => {
          count.value = Number(e.currentTarget.value);
          differs.value = false;
        }} />
        {differs.value && <p class="refused" role="alert">{w.differs(want, bags)}</p>}
        {heldBags > 0 && <p class="note warn">{w.held(heldBags)}</p>}
        {here.length > 0 && (
          <details class="missing" open={listed.value} onToggle={(e) => (listed.value = e.currentTarget.open)}>
            <summary>{w.tick}</summary>
            <div class="stack">
              <p class="faint">{w.stays}</p>
              {here.map((o) => (
                <div key={o.id} class="stack">
                  <label class="row"><input type="checkbox" data-number={o.number} checked={o.id in missing.value} onInput={(e) => tick(o, e.currentTarget.checked ? o.bags : null)} /><span>#{o.number} · {o.label} · {w.bags(o.bags)}</span></label>
                  {o.bags > 1 && o.id in missing.value && (
                    <label>{w.short(o.number)} <input type="number" inputMode="numeric" min={1} max={o.bags} required value={missing.value[o.id]} onInput={(e) => tick(o, Math.max(1, Math.min(o.bags, Math.floor(Number(e.currentTarget.value)))))} /></label>
                  )}
                </div>
              ))}
            </div>
          </details>
        )}
        <button class="main drop">{bags === 0 && gone.length > 0 ? w.none : w.left(stop.code, bags)}</button>
      </form>
    </li>
  );
}
