import { useRead } from '../shared/api';
import { graphql } from '../shared/graphql';
import { said, type Text, words } from '../shared/language';
import { Table } from '../shared/table';
import { CSV } from './csv';
import { Section } from './section';

const hands = graphql(`query HandsOfDay($c: ID!, $day: String!) { handsTomorrow(communityId: $c, day: $day) { day orders forecast personHours phoneHours links { post minutesPerOrder personHours assumed } } }`);

const posts: Readonly<Record<string, Text>> = { GATE: ['门口', 'Gate'], SORTING: ['分拣', 'Sorting'], TRANSPORT: ['推车', 'Carts'], BUILDING: ['上楼入户', 'Doors'] };
const w = words({
  title: ['人手', 'Hands'],
  says: [(day: string, orders: number, hours: string) => `${day}：${orders} 单，各岗位共需 ${hours} 工时。`, (day: string, orders: number, hours: string) => `${day}: ${orders === 1 ? '1 order' : `${orders} orders`}, ${hours} hours of work at the posts.`],
  from: [(forecast: boolean) => (forecast ? '按预测的订单数。' : '还没有可用的预测：按最近七天的日均与今天的订单，取较多者。'), (forecast: boolean) => (forecast ? 'By the forecast.' : 'There is no forecast to go by: the mean of the last seven days, or as many orders as today if these are more.')],
  phone: [(hours: string) => `接听下单电话另需 ${hours} 工时。`, (hours: string) => `Orders by telephone take ${hours} hours more.`],
  post: ['岗位', 'Post'], minutes: ['每单（分钟）', 'Minutes per order'], hours: ['工时', 'Hours'], source: ['来源', 'Source'], measured: ['实测', 'measured'], assumed: ['假定', 'assumed'],
});

/** How much work the orders of a day are at each post. */
export function Hands({ community, day }: { community: string; day: string }) {
  const read = useRead(hands, { c: community, day }).value;
  return (
    <Section id="hands" title={w.title} read={read}>
      {({ handsTomorrow: h }) => (
        <>
          <p>{w.says(h.day, h.orders, h.personHours.toFixed(1))} {w.phone(h.phoneHours.toFixed(1))} <span class="faint">{w.from(h.forecast)}</span></p>
          {h.links.length > 0 && <Table id="links" label={w.title} head={[w.post, w.minutes, w.hours, w.source]} rows={h.links.map((l) => [said(posts[l.post], l.post), l.minutesPerOrder.toFixed(1), l.personHours.toFixed(1), l.assumed ? w.assumed : w.measured])} />}
          {h.links.length > 0 && <CSV noun="hands" name={w.title} args={{ communityId: community, day: h.day }} />}
        </>
      )}
    </Section>
  );
}
