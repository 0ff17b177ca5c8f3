import { useMemo } from 'preact/hooks';

import { useRead } from '../shared/api';
import { dayAfter } from '../shared/day';
import { Drawing } from '../shared/drawing';
import { graphql } from '../shared/graphql';
import { language, words } from '../shared/language';
import type { Picture } from '../shared/plot';
import { Table } from '../shared/table';
import { CSV } from './csv';

const demand = graphql(`query DemandOfDays($c: ID!, $from: String!, $until: String!) { demand(communityId: $c, from: $from, until: $until) { day orders households } }`);

const span = 28; // days

const w = words({
  title: [`最近 ${span} 天的订单`, `Orders of the last ${span} days`],
  orders: ['订单', 'Orders'], households: ['下单户数', 'Households'], day: ['日期', 'Day'],
  says: [(day: string, orders: number, households: number) => `最近一天（${day}）：${orders} 单，${households} 户下单。`, (day: string, orders: number, households: number) => `The last counted day, ${day}: ${orders} orders of ${households} households.`],
  none: ['还没有统计过的日子：每天结束后统计一次。', 'No day is counted yet: a day is counted when it is over.'],
  all: ['各日数字', 'The numbers by day'],
  loading: ['正在载入…', 'Loading…'],
});

/** What was ordered on the days that are over. A day without orders has no row and counts as none. */
export function Demand({ community, today }: { community: string; today: string }) {
  const read = useRead(demand, { c: community, from: dayAfter(today, -span), until: dayAfter(today, -1) }).value;
  const rows = read.data?.demand;
  const last = rows?.at(-1);
  return (
    <section class="stack" id="demand" aria-labelledby="demand-title">
      <h2 id="demand-title">{w.title}</h2>
      {read.error && <p class="refused" role="alert">{read.error}</p>}
      {!rows && !read.error && <p role="status">{w.loading}</p>}
      {rows && !last && <p>{w.none}</p>}
      {rows && last && (
        <>
          <p>{w.says(last.day, last.orders, last.households)}</p>
          <Days first={rows[0]!.day} last={last.day} rows={rows} />
          <details>
            <summary>{w.all}</summary>
            <Table id="days" label={w.title} head={[w.day, w.orders, w.households]} rows={[...rows].reverse().map((r) => [r.day, r.orders, r.households])} />
          </details>
          <CSV noun="demand" name={w.title} args={{ communityId: community, from: dayAfter(today, -span), until: dayAfter(today, -1) }} />
        </>
      )}
    </section>
  );
}

type Row = { day: string; orders: number; households: number };

function Days({ first, last, rows }: { first: string; last: string; rows: readonly Row[] }) {
  const picture = useMemo((): Picture => {
    const of = new Map(rows.map((r) => [r.day, r]));
    const days: string[] = [];
    for (let day = first; day <= last; day = dayAfter(day)) days.push(day);
    return {
      x: days.map((_, i) => i), tick: (i) => days[i]?.slice(5) ?? '',
      lines: [{ label: w.orders, values: days.map((d) => of.get(d)?.orders ?? 0), width: 3, accent: true }, { label: w.households, values: days.map((d) => of.get(d)?.households ?? 0), stroke: 'dashed' }],
    };
  }, [rows, language.value]);
  return <Drawing of={picture} />;
}
