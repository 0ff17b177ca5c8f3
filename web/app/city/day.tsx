import { useEffect } from 'preact/hooks';

import { address } from '../shared/address';
import { useRead } from '../shared/api';
import { dayAfter } from '../shared/day';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { clock, date, estateTime, hear, zone } from '../shared/time';
import { Cell, columns, compare, type Row, zoned, zonesOf } from './numbers';

const w = words({
  title: [(day: string) => `${day} 日报`, (day: string) => `The day's report, ${day}`],
  says: [(n: number) => `${n} 个小区，超时占比高的在前`, (n: number) => `${n === 1 ? '1 community' : `${n} communities`}, the highest share of late orders first`],
  stood: ['数字为当日结束时全市看板所示，此后的变动不影响本表。', 'The numbers are those that the board of the city showed at the end of the day. Later changes do not alter them.'],
  missing: [(n: number) => `${n} 个小区没有当日数字（—）。`, (n: number) => `${n === 1 ? '1 community has' : `${n} communities have`} no numbers of this day (—).`],
  hidden: ['“<5”：涉及不足五户，或可由其他数字推出，因此不显示。', '“<5”: it is about fewer than five households, or other numbers would reveal it, so it is not shown.'],
  community: ['小区', 'Community'],
  read: ['最早读取', 'Oldest read'],
  day: ['日期', 'Day'],
  before: ['前一日', 'Day before'],
  after: ['后一日', 'Day after'],
  print: ['打印', 'Print'],
  back: ['返回全市看板', "Back to the city's board"],
  loading: ['正在载入…', 'Loading…'],
});

const dayQuery = graphql(`
  query CityDay($day: String!) {
    cityBoard(day: $day) {
      at
      communities {
        community { id code name timeZone }
        households { count suppressed readAt } open { count suppressed readAt } held { count suppressed readAt } withoutHolder { count suppressed readAt }
        deliveredToday { count suppressed readAt } latePercent { count suppressed readAt } medianMinutesGateToDoor { count suppressed readAt }
        openIncidents { count suppressed readAt } ordersPer100PersonHours { count suppressed readAt }
      }
    }
  }
`);

/** The last day that is over. */
export const yesterday = () => dayAfter(date(estateTime()), -1);

/** When the oldest of a community's numbers was read; null if it has none. */
const oldest = (r: Row) => columns.flatMap((c) => r[c.key].readAt ?? []).sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;

/** The numbers of a past day, to be printed. */
export function Day({ day, choose }: { day: string; choose: (day: string) => void }) {
  const last = yesterday();
  return (
    <div class="stack" id="city-day">
      <p class="noprint"><a id="back" href={address('city')}>{w.back}</a></p>
      <h2 id="head">{w.title(day)}</h2>
      <p class="row noprint">
        <label for="day">{w.day}</label>
        <input id="day" type="date" value={day} max={last} onChange={(e) => e.currentTarget.value && choose(e.currentTarget.value)} />
        <button id="before" onClick={() => choose(dayAfter(day, -1))}>{w.before}</button>
        <button id="after" disabled={day >= last} onClick={() => choose(dayAfter(day))}>{w.after}</button>
        <button id="print" onClick={() => print()}>{w.print}</button>
      </p>
      <Numbers key={day} day={day} />
    </div>
  );
}

function Numbers({ day }: { day: string }) {
  const answer = useRead(dayQuery, { day }).value;
  const board = answer.data?.cityBoard;
  useEffect(() => {
    if (!board) return;
    hear(board.at);
    const zones = zonesOf(board.communities);
    zone.value = zones.length === 1 ? zones[0] : undefined;
  }, [board]);
  if (!board) return answer.error ? <p class="note bad" id="refused" role="alert">{answer.error}</p> : <p role="status">{w.loading}</p>;
  const several = zonesOf(board.communities).length > 1;
  const rows = [...board.communities].sort((a, b) => compare(a, b, columns[0]!));
  const missing = rows.filter((r) => !oldest(r)).length;
  const read = (r: Row) => {
    const at = oldest(r);
    const of = r.community.timeZone ?? undefined;
    return !at ? '—' : several && of ? zoned(clock(at, of), of) : clock(at, of);
  };
  return (
    <>
      <p class="says" id="sentence">{w.says(rows.length)}</p>
      <div class="scroll" role="region" aria-label={w.community} tabIndex={0}>
        <table class="communities">
          <thead>
            <tr>
              <th scope="col">{w.community}</th>
              {columns.map((c) => <th key={c.key} scope="col">{c.name(true)}</th>)}
              <th scope="col">{w.read}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.community.id} data-community={r.community.code}>
                <th scope="row">{r.community.name} <span class="faint">{r.community.code}</span></th>
                {columns.map((c) => <td key={c.key} data-name={c.name(true)}><Cell number={r[c.key]} text={c.text} /></td>)}
                <td data-name={w.read}>{read(r)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">{w.stood} {missing > 0 && w.missing(missing)}</p>
      <p class="faint">{w.hidden}</p>
    </>
  );
}
