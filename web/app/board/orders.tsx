import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask } from '../shared/api';
import type { ResultOf, VariablesOf } from '../shared/graphql';
import { said, words } from '../shared/language';
import { stages } from '../shared/terms';
import { when } from '../shared/time';
import { dayStart } from './day';
import { ordersBehind, type Row } from './operations';
import { linkTo, order } from './place';
import { term, terms } from './terms';

const w = words({
  total: [(n: string) => `${n} 单`, (n: string) => (n === '1' ? '1 order' : `${n} orders`)],
  none: ['没有这样的订单。', 'There is no such order.'],
  more: ['再显示 50 单', 'Show 50 more'],
  loading: ['正在载入…', 'Loading…'],
  held: ['暂停', 'held'],
  late: [(level: string) => `超时：${level}`, (level: string) => `late: ${level}`],
  by: [(who: string) => `责任人 ${who}`, (who: string) => `held by ${who}`],
  alone: ['无人负责', 'without holder'],
  bags: [(n: number) => `${n} 件`, (n: number) => (n === 1 ? '1 bag' : `${n} bags`)],
});

type Variables = VariablesOf<typeof ordersBehind>;

/** The filter and order of the list behind a number. */
export function behind(show: string, buildingId: string | null): Pick<Variables, 'filter' | 'by'> {
  const where = buildingId ? { buildingIds: [buildingId] } : {};
  switch (show) {
    case 'late':
      return { filter: { ...where, open: true, late: true }, by: { field: 'STAGE_SINCE', direction: 'ASC' } };
    case 'held':
      return { filter: { ...where, open: true, held: true }, by: { field: 'STAGE_SINCE', direction: 'ASC' } };
    case 'uncovered':
      return { filter: { ...where, withoutHolder: true }, by: { field: 'STAGE_SINCE', direction: 'ASC' } };
    case 'delivered':
      return { filter: { ...where, stages: ['DELIVERED'], movedFrom: new Date(dayStart()).toISOString() }, by: { field: 'MOVED_AT', direction: 'DESC' } };
    case 'open':
      return { filter: { ...where, open: true }, by: { field: 'STAGE_SINCE', direction: 'ASC' } };
    default:
      return { filter: { ...where, stages: [show] as NonNullable<NonNullable<Variables['filter']>['stages']> }, by: { field: 'STAGE_SINCE', direction: 'ASC' } };
  }
}

const patience = 2_000; // ms between two reads of a list that changes

/** The orders behind a number. version changes when the number may have; then the list is read again. */
export function Orders({ community, show, buildingId, version }: { community: string; show: string; buildingId: string | null; version: string }) {
  const rows = useSignal<readonly Row[] | null>(null);
  const total = useSignal('');
  const after = useSignal<string | null>(null);
  const refused = useSignal('');
  const pages = useSignal(1);
  const readAt = useSignal(0);

  useEffect(() => {
    pages.value = 1;
    readAt.value = 0;
    rows.value = null;
  }, [community, show, buildingId]);

  useEffect(() => {
    let over = false;
    const read = async () => {
      readAt.value = Date.now();
      try {
        const list: Row[] = [];
        let cursor: string | null = null;
        for (let page = 0; page < pages.value; page++) {
          const { orders }: ResultOf<typeof ordersBehind> = await ask(ordersBehind, { c: community, ...behind(show, buildingId), after: cursor });
          if (over) return;
          list.push(...orders.nodes);
          total.value = `${orders.totalCount}${orders.totalCountExact ? '' : '+'}`;
          cursor = orders.pageInfo.hasNextPage ? orders.pageInfo.endCursor : null;
          if (!cursor) break;
        }
        after.value = cursor;
        rows.value = list;
        refused.value = '';
      } catch (e) {
        if (!over) refused.value = e instanceof Error ? e.message : String(e);
      }
    };
    const timer = setTimeout(() => void read(), Math.max(0, readAt.peek() + patience - Date.now()));
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [community, show, buildingId, version, pages.value]);

  if (refused.value && !rows.value) return <p class="refused" role="alert">{refused}</p>;
  if (!rows.value) return <p role="status">{w.loading}</p>;
  return (
    <div class="stack">
      <p id="total" role="status">{w.total(total.value)}</p>
      <p class="refused" role="alert">{refused}</p>
      {rows.value.length === 0 ? <p>{w.none}</p> : <ul class="lines orders">{rows.value.map((o) => <li key={o.id}><OneRow row={o} /></li>)}</ul>}
      {after.value && <p><button onClick={() => pages.value++}>{w.more}</button></p>}
    </div>
  );
}

function OneRow({ row: o }: { row: Row }) {
  const who = o.holder?.__typename === 'Volunteer' ? o.holder.code : o.holder?.name;
  return (
    <a class="order" {...linkTo({ order: o.id })} aria-current={order.value === o.id ? 'true' : undefined}>
      <span><b>#{o.number}</b> {o.address}</span>
      <span>{said(stages[o.stage], o.stage)} · {when(o.stageSince)}</span>
      <span class="faint">{o.supplier?.name} {w.bags(o.bags)} · {who ? w.by(who) : o.stage === 'DELIVERED' || o.stage === 'CANCELLED' || o.stage === 'RETURNED' ? '' : w.alone}</span>
      <span class="flags">{o.lateLevel && <span class="flag warn">{w.late(term(terms.levels, o.lateLevel))}</span>}{o.held && <span class="flag">{w.held}</span>}</span>
    </a>
  );
}
