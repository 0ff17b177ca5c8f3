import { useRead } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { said, type Text, words } from '../shared/language';
import { clock } from '../shared/time';
import { me } from '../shared/viewer';

const windows = graphql(`
  query SupplierWindows($communityId: ID!, $supplierId: ID!) {
    orderWindows(communityId: $communityId, supplierId: $supplierId) {
      id name state opensAt closesAt deliverAt minimum orders
      offers { package { id name unit } priceFen sold left }
    }
  }
`);
type Window = ResultOf<typeof windows>['orderWindows'][number];

const states = {
  UPCOMING: ['未开始', 'opens later'],
  OPEN: ['接单中', 'takes orders'],
  CLOSED: ['已截单', 'closed'],
  CONFIRMED: ['已成团', 'confirmed'],
  CALLED_OFF: ['未成团', 'called off'],
} satisfies Record<Window['state'], Text>;

const w = words({
  title: ['团购窗口', 'Order windows'],
  none: ['还没有团购窗口。', 'There is no order window yet.'],
  times: [(opens: string, closes: string, brings: string) => `${opens} 至 ${closes} 接单，${brings} 送`, (opens: string, closes: string, brings: string) => `Orders from ${opens} to ${closes}, delivery ${brings}`],
  orders: [(n: number, least: number) => (least > 0 ? `${n} 单，满 ${least} 单成团` : `${n} 单`), (n: number, least: number) => (least > 0 ? `${n} of at least ${least === 1 ? '1 order' : `${least} orders`}` : n === 1 ? '1 order' : `${n} orders`)],
  package: ['套餐', 'Package'], price: ['单价', 'Price'], sold: ['已订', 'Ordered'], left: ['剩余', 'Left'],
  yuan: [(fen: number) => `${(fen / 100).toFixed(2)} 元`, (fen: number) => `¥${(fen / 100).toFixed(2)}`],
});

const shown = 10; // windows: the newest

/** The supplier's order windows with their packages: what was ordered and what is left. */
export function Windows() {
  const { community, supplier } = me.value!;
  const read = useRead(windows, { communityId: community!.id, supplierId: supplier!.id }).value;
  const list = read.data?.orderWindows.slice(0, shown);
  return (
    <section class="stack" id="windows">
      <h2>{w.title}</h2>
      {read.error && <p class="refused">{read.error}</p>}
      {list?.length === 0 && <p>{w.none}</p>}
      {list?.map((o, i) => (
        <details key={o.id} open={i === 0}>
          <summary><b>{o.name}</b> · {said(states[o.state], o.state)} · {w.orders(o.orders, o.minimum)}</summary>
          <p class="faint">{w.times(clock(o.opensAt), clock(o.closesAt), clock(o.deliverAt))}</p>
          <div class="scroll" tabIndex={0} role="region" aria-label={o.name}>
            <table>
              <thead><tr><th scope="col">{w.package}</th><th scope="col">{w.price}</th><th scope="col">{w.sold}</th><th scope="col">{w.left}</th></tr></thead>
              <tbody>{o.offers.map((f) => <tr key={f.package.id}><th scope="row">{f.package.name}</th><td>{w.yuan(f.priceFen)}</td><td>{f.sold} {f.package.unit}</td><td>{f.left ?? '–'}</td></tr>)}</tbody>
            </table>
          </div>
        </details>
      ))}
    </section>
  );
}
