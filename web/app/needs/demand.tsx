import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';

import { useRead } from '../shared/api';
import { dayAfter } from '../shared/day';
import { Drawing } from '../shared/drawing';
import { graphql, type ResultOf } from '../shared/graphql';
import { language, said, type Text, words } from '../shared/language';
import type { Picture } from '../shared/plot';
import { Table } from '../shared/table';
import { CSV } from './csv';

const demand = graphql(`query DemandOfDays($c: ID!, $from: String!, $until: String!) { demand(communityId: $c, from: $from, until: $until) { day orders households } }`);

const series = graphql(`query DemandOfSeries($c: ID!, $kind: DemandKind!, $from: String!, $until: String!) { demand(communityId: $c, kind: $kind, from: $from, until: $until) { day building { id code } item unit channel orders quantity } }`);
type SeriesRow = ResultOf<typeof series>['demand'][number];

const span = 28; // days
const most = 50; // series shown, those in most orders

type Kind = 'ALL' | 'BUILDING' | 'ITEM' | 'CHANNEL';
const kinds: Readonly<Record<Kind, Text>> = { ALL: ['全小区', 'The whole estate'], BUILDING: ['按楼栋', 'By building'], ITEM: ['按商品', 'By item'], CHANNEL: ['按渠道', 'By channel'] };
const channels: Readonly<Record<string, Text>> = { APP: ['手机下单', 'App'], PHONE: ['电话下单', 'Telephone'], BUY_FOR: ['代购', 'Bought by a volunteer'], ERRAND: ['代办', 'Errand'], GROUP_BUY: ['团购', 'Group purchase'], PACKAGE: ['大礼包', 'Package'] };

const w = words({
  title: [`最近 ${span} 天的订单`, `Orders of the last ${span} days`],
  orders: ['订单', 'Orders'], households: ['下单户数', 'Households'], day: ['日期', 'Day'],
  says: [(day: string, orders: number, households: number) => `最近一天（${day}）：${orders} 单，${households} 户下单。`, (day: string, orders: number, households: number) => `The last counted day, ${day}: ${orders} orders of ${households} households.`],
  none: ['还没有统计过的日子：每天结束后统计一次。', 'No day is counted yet: a day is counted when it is over.'],
  all: ['各日数字', 'The numbers by day'],
  kind: ['统计', 'Count'], building: ['楼栋', 'Building'], item: ['商品', 'Item'], channel: ['渠道', 'Channel'], sum: [`${span} 天订单`, `Orders in ${span} days`], quantity: ['数量', 'Quantity'],
  lastDay: [(day: string) => `${day} 的订单`, (day: string) => `Orders on ${day}`], more: [(n: number) => `另有 ${n} 项，见表格。`, (n: number) => `${n} more are in the table to download.`],
  least: ['每天只统计下单最多的 100 种商品，所以少见的商品可能偏少。', 'Of each day only the 100 items in most orders are counted, so rarer items may have more orders than shown.'],
  loading: ['正在载入…', 'Loading…'],
});

/** What was ordered on the days that are over. A day without orders has no row and counts as none. */
export function Demand({ community, today }: { community: string; today: string }) {
  const kind = useSignal<Kind>('ALL');
  const days = { from: dayAfter(today, -span), until: dayAfter(today, -1) };
  return (
    <section class="stack" id="demand" aria-labelledby="demand-title">
      <h2 id="demand-title">{w.title}</h2>
      <p class="row noprint">
        <label for="kind">{w.kind}</label>
        <select id="kind" value={kind.value} onChange={(e) => (kind.value = e.currentTarget.value as Kind)}>{Object.entries(kinds).map(([k, text]) => <option key={k} value={k}>{said(text)}</option>)}</select>
      </p>
      {kind.value === 'ALL' ? <Whole community={community} {...days} /> : <Series key={kind.value} community={community} kind={kind.value} {...days} />}
      <CSV noun="demand" name={`${w.title}, ${said(kinds[kind.value])}`} args={{ communityId: community, kind: kind.value, ...days }} />
    </section>
  );
}

type Span = { community: string; from: string; until: string };

function Whole({ community, from, until }: Span) {
  const read = useRead(demand, { c: community, from, until }).value;
  const rows = read.data?.demand;
  const last = rows?.at(-1);
  return (
    <>
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
        </>
      )}
    </>
  );
}

const nameOf = (r: SeriesRow) => r.building?.code ?? r.item ?? (r.channel ? said(channels[r.channel], r.channel) : '');

/** The buildings, items or channels, those in most orders first. Households are left out: those of several days cannot be added. */
function Series({ community, kind, from, until }: Span & { kind: Exclude<Kind, 'ALL'> }) {
  const read = useRead(series, { c: community, kind, from, until }).value;
  const rows = read.data?.demand;
  const last = rows?.at(-1)?.day;
  const sums = new Map<string, { row: SeriesRow; orders: number; lately: number; quantity: number }>();
  for (const r of rows ?? []) {
    const key = `${nameOf(r)}\n${r.unit ?? ''}`.normalize('NFKC').toLowerCase(); // an item is named as one of the households of the day wrote it
    const sum = sums.get(key) ?? { row: r, orders: 0, lately: 0, quantity: 0 };
    sums.set(key, { row: r, orders: sum.orders + r.orders, lately: sum.lately + (r.day === last ? r.orders : 0), quantity: sum.quantity + Number(r.quantity ?? 0) });
  }
  const all = [...sums.values()].sort((a, b) => b.orders - a.orders);
  const item = kind === 'ITEM';
  return (
    <>
      {read.error && <p class="refused" role="alert">{read.error}</p>}
      {!rows && !read.error && <p role="status">{w.loading}</p>}
      {rows && !last && <p>{w.none}</p>}
      {last && <Table id="series" label={said(kinds[kind])} head={[item ? w.item : kind === 'BUILDING' ? w.building : w.channel, w.sum, w.lastDay(last), ...(item ? [w.quantity] : [])]}
        rows={all.slice(0, most).map((s) => [nameOf(s.row), s.orders, s.lately, ...(item ? [`${Math.round(s.quantity * 1000) / 1000} ${s.row.unit ?? ''}`] : [])])} />}
      {item && last && <p class="faint">{w.least}</p>}
      {all.length > most && <p class="faint">{w.more(all.length - most)}</p>}
    </>
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
