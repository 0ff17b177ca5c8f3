import { useRead } from '../shared/api';
import { dayAfter } from '../shared/day';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { Table } from '../shared/table';
import { clock } from '../shared/time';
import { CSV } from './csv';
import { Section } from './section';

const unmet = graphql(`
  query Unmet($c: ID!, $from: String!, $until: String!) {
    unmetDemand(communityId: $c, from: $from, until: $until) { days { day outOfStock noCapacity soldOut dropped unanswered } soldOut { item unit stock at } }
  }
`);

const w = words({
  title: ['未满足的需求', 'What households did not get'],
  day: ['日期', 'Day'], outOfStock: ['缺货取消', 'Out of stock'], noCapacity: ['无法配送取消', 'No capacity'], soldOut: ['售罄套餐', 'Offers sold out'], dropped: ['放弃的导入行', 'Import rows dropped'], unanswered: ['未解决来电', 'Calls without an answer'],
  offers: ['售罄的套餐', 'Offers that sold out'], item: ['套餐', 'Package'], stock: ['数量', 'Quantity'], at: ['售罄时间', 'Sold out at'], none: ['这七天没有。', 'None in these seven days.'],
});

const shown = 20; // offers

/** What households wanted and did not get on the last seven days, today until now. */
export function Unmet({ community, today }: { community: string; today: string }) {
  const span = { from: dayAfter(today, -6), until: today };
  const read = useRead(unmet, { c: community, ...span }).value;
  return (
    <Section id="unmet" title={w.title} read={read}>
      {({ unmetDemand: u }) => (
        <>
          <Table id="unmetdays" label={w.title} head={[w.day, w.outOfStock, w.noCapacity, w.soldOut, w.dropped, w.unanswered]} rows={[...u.days].reverse().map((d) => [d.day, d.outOfStock, d.noCapacity, d.soldOut, d.dropped, d.unanswered])} />
          <h3>{w.offers}</h3>
          {u.soldOut.length === 0 ? <p class="faint">{w.none}</p> : <Table id="soldout" label={w.offers} head={[w.item, w.stock, w.at]} rows={u.soldOut.slice(0, shown).map((o) => [o.item, `${o.stock} ${o.unit}`, clock(o.at)])} />}
          <CSV noun="unmet" name={w.title} args={{ communityId: community, ...span }} />
          {u.soldOut.length > 0 && <CSV noun="sold_out" name={w.offers} args={{ communityId: community, ...span }} />}
        </>
      )}
    </Section>
  );
}
