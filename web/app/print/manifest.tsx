import { said, words } from '../shared/language';
import { stages } from '../shared/terms';
import { marksOf } from './marks';
import type { Building, Order } from './operations';

const w = words({
  unit: [(n: string | number) => `${n} 单元`, (n: string | number) => `Unit ${n}`],
  floor: [(n: number) => `${n} 层`, (n: number) => `Floor ${n}`],
  bin: [(code: string) => `格 ${code}`, (code: string) => `Bin ${code}`],
  sums: [(coming: number, gate: number, sorted: number, bags: number) => `未到 ${coming} · 在门口 ${gate} · 已入格 ${sorted} · 共 ${bags} 件`,
    (coming: number, gate: number, sorted: number, bags: number) => `${coming} to come, ${gate} here, ${sorted} in bins, ${bags === 1 ? '1 bag' : `${bags} bags`} in all`],
  floors: ['楼层', 'Floor'], label: ['标签', 'Label of each bag'], marks: ['标记', 'Marks'], where: ['位置', 'Where'],
});

/** One building's sheet: its units, each from the top floor down, as the manifest lists them. */
export function ManifestSheet({ building: b }: { building: Building }) {
  const units = new Map<string, { number: string | number; orders: Order[] }>();
  for (const o of b.orders) {
    const unit = units.get(o.unit?.id ?? '') ?? { number: o.unit?.number ?? '', orders: [] };
    unit.orders.push(o);
    units.set(o.unit?.id ?? '', unit);
  }
  return (
    <section class="building">
      <h2>{b.building.code}<span>{w.sums(b.expected, b.atGate, b.sorted, b.bags)}</span></h2>
      {[...units].map(([id, u]) => (
        <div key={id}>
          <h3>{w.unit(u.number)}</h3>
          <table>
            <thead><tr><th>{w.floors}</th><th>{w.label}</th><th>{w.marks}</th><th>{w.where}</th></tr></thead>
            <tbody>
              {u.orders.map((o) => (
                <tr key={o.id}>
                  <td>{o.household && w.floor(o.household.floor)}</td>
                  <td>{o.labels.map((text) => <span key={text} class="bag">{text}</span>)}</td>
                  <td class="marks">{marksOf(o)}</td>
                  <td>{o.bin ? w.bin(o.bin.code) : said(stages[o.stage], o.stage)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
    </section>
  );
}
