import { useSignal } from '@preact/signals';

import { useRead } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { words } from '../shared/language';
import { Table } from '../shared/table';
import { clock } from '../shared/time';
import { CSV } from './csv';
import { Section } from './section';

const windows = graphql(`query WindowsOfGap($c: ID!) { orderWindows(communityId: $c) { id name state deliverAt supplier { id name } } }`);
const gap = graphql(`query Gap($c: ID!, $window: ID!, $share: Float!) { supplyGap(communityId: $c, windowId: $window, reserveShare: $share) { item unit ordered expected reserve stock gap likeWindows method } }`);
type Row = ResultOf<typeof gap>['supplyGap'][number];

const w = words({
  title: ['供应缺口', 'Supply gap'], none: ['还没有接单时段。', 'There is no order window yet.'],
  window: ['接单时段', 'Order window'], share: ['备货（%）', 'Reserve (%)'], item: ['套餐', 'Package'], ordered: ['已订', 'Ordered'], expected: ['预计', 'Expected'], reserve: ['备货', 'Reserve'], stock: ['库存', 'Stock'], missing: ['缺口', 'Missing'], how: ['方法', 'How'],
  known: ['已截单，为实数', 'known: the window is closed'],
  mean: [(n: number) => `同类时段的平均 (${n})，不低于已订`, (n: number) => `mean of like windows (${n}), at least what is ordered`],
  few: [(n: number) => (n === 0 ? '没有同类时段，只计已订' : `同类时段不足三个 (${n})，不低于已订`), (n: number) => (n === 0 ? 'no like window: what is ordered' : `fewer than three like windows (${n}), at least what is ordered`)],
  says: [(n: number) => (n === 0 ? '各套餐库存足够。' : `${n} 种套餐可能不足。`), (n: number) => (n === 0 ? 'The stock of every package suffices.' : `${n === 1 ? 'One package' : `${n} packages`} may run out.`)],
});

/** How the expected quantity was found, and of how many like windows. */
const how = (r: Row) => (r.method === 'KNOWN' ? w.known : r.method === 'FEW' ? w.few(r.likeWindows) : w.mean(r.likeWindows));

/** How much of each package of an order window may be missing. */
export function Gap({ community }: { community: string }) {
  const chosen = useSignal<string | null>(null);
  const share = useSignal('10');
  const list = useRead(windows, { c: community }).value;
  const all = list.data?.orderWindows;
  const id = chosen.value ?? all?.find((o) => o.state !== 'CALLED_OFF')?.id ?? null;
  const percent = Number(share.value);
  const read = useRead(gap, id && share.value !== '' && percent >= 0 && percent <= 100 ? { c: community, window: id, share: percent / 100 } : null).value;
  const number = (n: number) => String(Math.round(n * 10) / 10);
  return (
    <Section id="gap" title={w.title} read={list}>
      {() => (all!.length === 0 ? <p class="faint">{w.none}</p> : (
        <>
          <p class="row">
            <label for="window">{w.window}</label>
            <select id="window" value={id ?? ''} onChange={(e) => (chosen.value = e.currentTarget.value)}>{all!.map((o) => <option key={o.id} value={o.id}>{o.supplier?.name ?? ''} · {o.name} · {clock(o.deliverAt)}</option>)}</select>
            <label for="share">{w.share}</label>
            <input id="share" type="number" inputMode="numeric" min={0} max={100} value={share} onInput={(e) => (share.value = e.currentTarget.value)} />
          </p>
          {read.error && <p class="refused" role="alert">{read.error}</p>}
          {read.data && (
            <>
              <p>{w.says(read.data.supplyGap.filter((r) => (r.gap ?? 0) > 0).length)}</p>
              <Table id="gaps" label={w.title} head={[w.item, w.ordered, w.expected, w.reserve, w.stock, w.missing, w.how]}
                rows={read.data.supplyGap.map((r) => [r.item, `${r.ordered} ${r.unit}`, number(r.expected), number(r.reserve), r.stock ?? '—', r.gap === null ? '—' : number(r.gap), how(r)])} />
            </>
          )}
          {id && <CSV noun="gap" name={w.title} args={{ windowId: id, reserveShare: String(percent / 100) }} />}
        </>
      ))}
    </Section>
  );
}
