import type { ComponentChildren } from 'preact';

import { said, words } from '../shared/language';
import { chain, stages } from '../shared/terms';
import { now, span } from '../shared/time';
import { building, linkTo, shown, wall } from './place';
import type { State, Sums, Tile } from './state';

const w = words({
  tiles: ['楼栋', 'Buildings'],
  open: [(n: number) => `在途 ${n}`, (n: number) => `${n} open`],
  delivered: [(n: number) => `今日入户 ${n}`, (n: number) => `${n} at the door today`],
  oldest: [(t: string, s: string) => `最久 ${t}：${s}`, (t: string, s: string) => `longest ${t}: ${s}`],
  none: ['门口以后无待送', 'nothing waiting'],
  late: [(n: number) => `超时 ${n}`, (n: number) => `${n} late`],
  raised: [(n: number) => `超时 ${n}，已升级`, (n: number) => `${n} late, raised`],
  held: [(n: number) => `暂停 ${n}`, (n: number) => `${n} held`],
  without: [(n: number) => `无人负责 ${n}`, (n: number) => `${n} without holder`],
  uncovered: ['无队员', 'no volunteer'],
  stages: ['各环节', 'Stage by stage'],
  numberOf: [(what: string, n: number) => `${what} ${n}`, (what: string, n: number) => `${what} ${n}`],
  lateAll: ['超时', 'Late'],
  heldAll: ['暂停', 'Held'],
  withoutAll: ['无人负责', 'Without holder'],
  deliveredAll: ['今日入户', 'At the door today'],
  openAll: ['在途', 'Open'],
});

/** The name of the list behind a number. */
export function showName(show: string): string {
  const others: Record<string, string> = { late: w.lateAll, held: w.heldAll, uncovered: w.withoutAll, delivered: w.deliveredAll, open: w.openAll };
  return others[show] ?? said(stages[show], show);
}

/** The numbers of the whole community, which are also the legend of the bars. Each leads to its orders. */
export function Numbers({ sums }: { sums: Sums }) {
  const list = [
    ...chain.filter((s) => s !== 'DELIVERED').map((s) => ({ show: s, name: said(stages[s], s), count: sums.stages.find((c) => c.stage === s)?.count ?? 0, look: `stage ${s}` })),
    { show: 'delivered', name: w.deliveredAll, count: sums.deliveredToday, look: 'stage DELIVERED' },
    { show: 'late', name: w.lateAll, count: sums.late, look: sums.late > 0 ? 'warn' : '' },
    { show: 'held', name: w.heldAll, count: sums.held, look: '' },
    { show: 'uncovered', name: w.withoutAll, count: sums.withoutHolder, look: sums.withoutHolder > 0 ? 'bad' : '' },
  ];
  return (
    <ul class="numbers" aria-label={w.stages}>
      {list.map((n) => (
        <li key={n.show} class={n.look}>
          <Leads to={{ show: n.show, building: null, order: null, truck: null }} current={shown.value === n.show && !building.value}><span>{n.name}</span> <b>{n.count}</b></Leads>
        </li>
      ))}
    </ul>
  );
}

/** A link to a place; on a wall, which has no pointer, its text only. */
function Leads({ to, current, children, class: look }: { to: Parameters<typeof linkTo>[0]; current: boolean; children: ComponentChildren; class?: string }) {
  if (wall.value) return <span class={look}>{children}</span>;
  return <a class={look} {...linkTo(to)} aria-current={current ? 'true' : undefined}>{children}</a>;
}

export function Tiles({ state }: { state: State }) {
  return (
    <ul class="tiles" aria-label={w.tiles}>
      {state.ids.value.map((id) => <li key={id}><OneTile state={state} id={id} /></li>)}
    </ul>
  );
}

function OneTile({ state, id }: { state: State; id: string }) {
  const t = state.tile(id)!.value;
  const trouble = t.raised > 0 || t.uncovered ? 'bad' : t.late > 0 ? 'warn' : '';
  return (
    <Leads class={`tile ${trouble}`} to={{ building: id, show: null, order: null, truck: null }} current={building.value === id}>
      <span class="head"><b class="code">{t.code}</b> <span>{w.open(t.open)}</span></span>
      <Bar tile={t} />
      <Oldest oldest={t.oldest} />
      <span class="flags">
        {t.late > 0 && <span class={t.raised > 0 ? 'flag bad' : 'flag warn'}>{t.raised > 0 ? w.raised(t.late) : w.late(t.late)}</span>}
        {t.held > 0 && <span class="flag">{w.held(t.held)}</span>}
        {t.uncovered ? <span class="flag bad">{w.uncovered}</span> : t.withoutHolder > 0 && <span class="flag bad">{w.without(t.withoutHolder)}</span>}
      </span>
    </Leads>
  );
}

/** The stages of a building's orders as a bar, read out as numbers. */
function Bar({ tile: t }: { tile: Tile }) {
  const parts = [...t.stages.map((s) => ({ ...s, name: said(stages[s.stage], s.stage) })), { stage: 'DELIVERED', count: t.delivered, name: w.deliveredAll }].filter((p) => p.count > 0);
  return (
    <span class="bar">
      <span class="aside">{parts.map((p) => w.numberOf(p.name, p.count)).join(', ')}</span>
      {parts.map((p) => <span key={p.stage} class={`stage ${p.stage}`} style={{ flexGrow: p.count }} title={w.numberOf(p.name, p.count)} aria-hidden />)}
    </span>
  );
}

function Oldest({ oldest }: { oldest: Tile['oldest'] }) {
  if (!oldest) return <span class="oldest faint">{w.none}</span>;
  return <span class="oldest">{w.oldest(span(now.value - Date.parse(oldest.since)), said(stages[oldest.stage], oldest.stage))}</span>;
}
