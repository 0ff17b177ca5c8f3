import { words } from '../shared/language';

const w = words({
  goods: ['物品', 'Goods'],
  price: [(fen: number, unit: string) => `${(fen / 100).toFixed(2)} 元/${unit}`, (fen: number, unit: string) => `¥${(fen / 100).toFixed(2)} per ${unit}`],
  left: [(n: number) => `剩 ${n}`, (n: number) => `${n} left`],
  none: ['已售完', 'sold out'],
  cap: [(n: number) => `每户最多 ${n}`, (n: number) => `at most ${n} per household`],
  less: [(name: string) => `少一份${name}`, (name: string) => `Less ${name}`],
  more: [(name: string) => `多一份${name}`, (name: string) => `More ${name}`],
  total: [(yuan: string) => `合计 ${yuan} 元`, (yuan: string) => `Total ¥${yuan}`],
});

/** One package of a window, with how much of it this household can still order, counting what it has ordered. */
export type Offer = { id: string; name: string; unit: string; fen: number; most: number; left: number | null; cap: number | null };

type Offered = { readonly package: { readonly id: string; readonly name: string; readonly unit: string }; readonly priceFen: number; readonly left: string | null; readonly householdCap: string | null };

export function offersOf(list: readonly Offered[], own: Record<string, number>): Offer[] {
  return list.map((o) => {
    const left = o.left === null ? null : Number(o.left) + (own[o.package.id] ?? 0);
    const cap = o.householdCap === null ? null : Number(o.householdCap);
    return { id: o.package.id, name: o.package.name, unit: o.package.unit, fen: o.priceFen, left, cap, most: Math.floor(Math.min(left ?? 99, cap ?? 99)) };
  });
}

type Props = { offers: Offer[]; counts: Record<string, number>; busy: boolean; set: (id: string, n: number) => void };

/** The packages of a window, each with a count to raise and lower, and the sum. */
export function Offers({ offers, counts, busy, set }: Props) {
  const total = offers.reduce((sum, o) => sum + o.fen * (counts[o.id] ?? 0), 0);
  return (
    <>
      <ul class="offers" aria-label={w.goods}>
        {offers.map((o) => {
          const n = counts[o.id] ?? 0;
          return (
            <li key={o.id} class="offer">
              <span>{o.name}<br /><small class="faint">{[w.price(o.fen, o.unit), o.left === 0 ? w.none : o.left !== null && w.left(o.left), o.cap !== null && w.cap(o.cap)].filter(Boolean).join(' · ')}</small></span>
              <span class="count">
                <button type="button" aria-label={w.less(o.name)} disabled={busy || n <= 0} onClick={() => set(o.id, Math.max(0, n - 1))}>−</button>
                <output aria-live="polite">{n}</output>
                <button type="button" aria-label={w.more(o.name)} disabled={busy || n >= o.most} onClick={() => set(o.id, n + 1)}>＋</button>
              </span>
            </li>
          );
        })}
      </ul>
      <p><b>{w.total((total / 100).toFixed(2))}</b></p>
    </>
  );
}
