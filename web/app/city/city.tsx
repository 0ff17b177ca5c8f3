import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { address } from '../shared/address';
import { useRead } from '../shared/api';
import { dayAfter } from '../shared/day';
import { graphql, type ResultOf } from '../shared/graphql';
import { said, words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { chain, stages } from '../shared/terms';
import { clock, date, hear, when, zone } from '../shared/time';
import { me } from '../shared/viewer';
import { Day, yesterday } from './day';
import { Cell, columns, compare, type Key, type Number, type Row, zoned, zonesOf } from './numbers';

const w = words({
  says: [(n: number, late: number) => `${n} 个小区，其中 ${late} 个有超时订单`, (n: number, late: number) => `${n === 1 ? '1 community' : `${n} communities`}, ${late} with late orders`],
  at: [(t: string) => `数字截至 ${t}，每五分钟读一次`, (t: string) => `As of ${t}; the numbers are read every five minutes`],
  hidden: ['“<5”：涉及不足五户，或可由其他数字推出，因此不显示。', '“<5”: it is about fewer than five households, or other numbers would reveal it, so it is not shown.'],
  community: ['小区', 'Community'],
  sortBy: ['排序', 'Sort by'],
  worst: ['最差在前', 'worst first'],
  best: ['最好在前', 'best first'],
  compare: ['对比', 'Compare'],
  compareTwo: ['两个小区对比', 'Two communities compared'],
  with: ['与', 'with'],
  choose: ['勾选两个小区即可对比。', 'Tick two communities to compare them.'],
  number: ['指标', 'Number'],
  print: ['打印当日数字', "Print the day's numbers"],
  report: ['日报', 'Daily report'],
  dayReport: ['查看日报', "The day's report"],
  read: ['重新读取', 'Read again'],
  loading: ['正在载入…', 'Loading…'],
  none: ['还没有小区。', 'There is no community yet.'],
  readAt: [(t: string) => `${t} 读取`, (t: string) => `read ${t}`],
});

const cityQuery = graphql(`
  query City {
    cityBoard {
      at
      communities {
        community { id code name timeZone }
        households { count suppressed readAt } open { count suppressed readAt } held { count suppressed readAt } withoutHolder { count suppressed readAt }
        deliveredToday { count suppressed readAt } latePercent { count suppressed readAt } medianMinutesGateToDoor { count suppressed readAt }
        openIncidents { count suppressed readAt } ordersPer100PersonHours { count suppressed readAt }
        stages { stage count suppressed readAt }
      }
    }
  }
`);

type Whole = ResultOf<typeof cityQuery>['cityBoard']['communities'][number]; // with its stages

// What is sorted and compared is in the address, so that a view can be passed on.
const query = signal(location.search);
addEventListener('popstate', () => (query.value = location.search));
const asked = computed(() => new URLSearchParams(query.value));
function set(key: string, value: string | null) {
  const next = new URLSearchParams(asked.value);
  if (value === null) next.delete(key);
  else next.set(key, value);
  history.replaceState(null, '', address(`city${next.size > 0 ? `?${next}` : ''}`));
  query.value = location.search;
}
const sortKey = computed<Key>(() => columns.find((c) => c.key === asked.value.get('sort'))?.key ?? 'latePercent');
const reversed = computed(() => asked.value.has('best'));
const picked = computed(() => (asked.value.get('compare') ?? '').split(',').filter(Boolean));
const reported = computed(() => asked.value.get('report')); // the day of the report; empty for the last day

const every = 60_000; // ms between two reads

export function CityPage() {
  return (
    <Frame title={['全市', 'City']} class="city">
      <SignedIn page="city">{reported.value === null ? <Communities /> : <Day day={reported.value || yesterday()} choose={(day) => set('report', day)} />}</SignedIn>
    </Frame>
  );
}

const again = signal(0);

function Communities() {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || again.value++, every);
    return () => clearInterval(timer);
  }, []);
  return <Table key={again.value} />;
}

const last = signal<ResultOf<typeof cityQuery>['cityBoard'] | null>(null);

function Table() {
  const answer = useRead(cityQuery, {}).value;
  const got = answer.data?.cityBoard;
  useEffect(() => {
    if (!got) return;
    const zones = zonesOf(got.communities);
    zone.value = zones.length === 1 ? zones[0] : undefined;
    hear(got.at);
    last.value = got;
  }, [got]);
  const board = got ?? last.value;
  if (!board) return answer.error ? <p class="note bad" role="alert">{answer.error}</p> : <p role="status">{w.loading}</p>;
  if (board.communities.length === 0) return <p>{w.none}</p>;
  const several = zonesOf(board.communities).length > 1;
  const sort = columns.find((c) => c.key === sortKey.value)!;
  const rows = [...board.communities].sort((a, b) => compare(a, b, sort, reversed.value));
  const pair = picked.value.map((id) => rows.find((r) => r.community.id === id)).filter((r) => r !== undefined);
  return (
    <div class="stack" id="city">
      {answer.error && <p class="note bad" role="alert">{answer.error}</p>}
      <p class="says" id="sentence">{w.says(rows.length, rows.filter((r) => (r.latePercent.count ?? 0) > 0).length)}</p>
      <p class="faint">{w.at(several ? zoned(when(board.at), Intl.DateTimeFormat().resolvedOptions().timeZone) : when(board.at))}</p>
      <div class="row noprint">
        <label class="sort">{w.sortBy}
          <select id="sort" value={sort.key} onChange={(e) => set('sort', e.currentTarget.value)}>{columns.map((c) => <option key={c.key} value={c.key}>{c.name()}</option>)}</select>
        </label>
        <button id="turn" aria-pressed={reversed.value} onClick={() => set('best', reversed.value ? null : '')}>{reversed.value ? w.best : w.worst}</button>
        <button id="print" onClick={() => print()}>{w.print}</button>
        <a id="report" class="button" href={address(`city?report=${dayAfter(date(board.at), -1)}`)}>{w.dayReport}</a>
      </div>
      {pair.length === 2 ? <Pair a={pair[0]!} b={pair[1]!} several={several} /> : <p class="faint noprint">{w.choose}</p>}
      <div class="scroll" role="region" aria-label={w.community} tabIndex={0}>
        <table class="communities">
          <thead>
            <tr>
              <th scope="col">{w.community}</th>
              {columns.map((c) => <th key={c.key} scope="col" aria-sort={c.key === sort.key ? ((c.worst === 'high') !== reversed.value ? 'descending' : 'ascending') : undefined}>{c.name()}</th>)}
              <th scope="col" class="noprint">{w.compare}</th>
            </tr>
          </thead>
          <tbody>{rows.map((r) => <One key={r.community.id} row={r} />)}</tbody>
        </table>
      </div>
      <p class="faint">{w.hidden}</p>
    </div>
  );
}

function One({ row: r }: { row: Row }) {
  const id = r.community.id;
  const on = picked.value.includes(id);
  return (
    <tr data-community={r.community.code}>
      <th scope="row">{r.community.name} <span class="faint">{r.community.code}</span>{me.value?.role === 'ADMIN' && <><br /><a class="noprint" href={address(`report?community=${id}`)}>{w.report}</a></>}</th>
      {columns.map((c) => <td key={c.key} data-name={c.name()}><Cell number={r[c.key]} text={c.text} /></td>)}
      <td class="noprint" data-name={w.compare}>
        <label class="tick"><input type="checkbox" checked={on} disabled={!on && picked.value.length >= 2}
          onChange={() => set('compare', (on ? picked.value.filter((p) => p !== id) : [...picked.value, id]).join(',') || null)} /><span class="aside">{w.compare} {r.community.name}</span></label>
      </td>
    </tr>
  );
}

/** Two communities side by side, with the stages of their open orders. */
function Pair({ a, b, several }: { a: Whole; b: Whole; several: boolean }) {
  const stage = (r: Whole, s: string): Number => r.stages.find((c) => c.stage === s) ?? { count: null, suppressed: false, readAt: null };
  const read = ({ open: { readAt }, community: { timeZone } }: Whole) => readAt && w.readAt(several && timeZone ? zoned(clock(readAt, timeZone), timeZone) : clock(readAt));
  return (
    <section class="stack" aria-labelledby="pair">
      <h2 id="pair">{w.compareTwo}</h2>
      <table class="pair">
        <thead><tr><th scope="col">{w.number}</th>{[a, b].map((r) => <th key={r.community.id} scope="col">{r.community.name} {r.community.code}<div class="faint">{read(r)}</div></th>)}</tr></thead>
        <tbody>
          {columns.map((c) => <tr key={c.key}><th scope="row">{c.name()}</th><td><Cell number={a[c.key]} text={c.text} /></td><td><Cell number={b[c.key]} text={c.text} /></td></tr>)}
          {chain.filter((s) => s !== 'DELIVERED').map((s) => <tr key={s}><th scope="row">{said(stages[s], s)}</th><td><Cell number={stage(a, s)} text={String} /></td><td><Cell number={stage(b, s)} text={String} /></td></tr>)}
        </tbody>
      </table>
    </section>
  );
}
