import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { useRead } from '../shared/api';
import { graphql, type ResultOf } from '../shared/graphql';
import { language, said, type Text, words } from '../shared/language';
import { type Cell, Table } from '../shared/table';
import { CSV } from './csv';

const forecast = graphql(`
  query ForecastOfDay($c: ID!, $day: String) {
    forecast(communityId: $c, day: $day) {
      day noBetter score { days wape mase bias least }
      rows { kind building { id code } item unit expected low high likeDays method }
    }
  }
`);
type Forecast = ResultOf<typeof forecast>['forecast'];
type Row = Forecast['rows'][number];

const methods: Readonly<Record<string, Text>> = {
  KNOWN: ['已截单，为实数', 'known: all windows are closed'], MEAN: ['同类日子的平均', 'mean of like days'], YESTERDAY: ['昨日数字', "yesterday's number"],
  SHARED: ['按户数分摊', 'share by households'], FEW: ['同类日子不足三天', 'fewer than three like days'], UP_TO: ['只给上限', 'an upper bound only'],
};

const w = words({
  title: ['预测', 'Forecast'],
  day: ['日期', 'Day'],
  says: [(day: string, n: string, low: string, high: string) => `${day}：约 ${n} 单，十天中有九天不少于 ${low} 单，也有九天不超过 ${high} 单。`, (day: string, n: string, low: string, high: string) => `${day}: about ${n} orders; on nine of ten days not below ${low}, on nine of ten not above ${high}.`],
  least: [(day: string, n: string) => `${day}：至少 ${n} 单。历史不足，还不能预测其余订单。`, (day: string, n: string) => `${day}: at least ${n} orders. There is too little history to forecast the rest.`],
  none: [(day: string) => `${day} 还没有预测：前一晚 20:00 生成。`, (day: string) => `There is no forecast of ${day} yet: it is made at 20:00 on the evening before.`],
  score: [(days: number, wape: string, least: string) => `最近 ${days} 天的预测误差为 ${wape}；任何预测都难低于 ${least}。`, (days: number, wape: string, least: string) => `Over the last ${days} days the forecasts were off by ${wape}; no forecast can do much better than ${least}.`],
  bias: [(n: string) => `平均偏高 ${n}。`, (n: string) => `They were ${n} too high on average.`], biasLow: [(n: string) => `平均偏低 ${n}。`, (n: string) => `They were ${n} too low on average.`],
  mase: [(n: string) => `与“沿用昨日数字”相比为 ${n}（小于 1 较好）。`, (n: string) => `Beside yesterday's number: ${n} (below 1 is better).`],
  noScore: ['还没有足够的日子评价预测。', 'There are not enough days yet to judge the forecasts.'],
  noBetter: ['这 14 天的预测不比沿用昨日数字更准，因此显示昨日数字。', "On these 14 days the forecasts were no better than yesterday's number, which is shown instead."],
  buildings: ['各楼栋', 'By building'], items: ['各商品', 'By item'], building: ['楼栋', 'Building'], item: ['商品', 'Item'], expected: ['预计', 'Expected'], range: ['十天中九天在', 'Nine of ten days from / to'], how: ['方法', 'How'],
  within: ['楼栋内各商品', 'Items in a building'], upTo: [(n: string) => `至多 ${n}`, (n: string) => `up to ${n}`],
  more: [(n: number) => `另有 ${n} 种商品。`, (n: number) => `${n} more items.`],
  errors: ['预测误差（各系列）', 'Errors of the forecasts, by series'],
  loading: ['正在载入…', 'Loading…'],
});

const most = 50; // items shown, the largest

const number = (n: number | null | undefined) => (n == null ? '—' : n >= 100 ? String(Math.round(n)) : String(Math.round(n * 10) / 10));
/** Whether a part of the day has no history, so that the expected number is only a lower bound. */
const atLeast = (r: Row) => r.method === 'FEW' && r.likeDays === 0;
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** What is expected of a day, with the error of the forecasts before it beside the least that is possible. It tells which day tomorrow is. */
export function Expected({ community, tomorrow }: { community: string; tomorrow: Signal<string | null> }) {
  const day = useSignal<string | null>(null); // tomorrow, as the server knows it
  const read = useRead(forecast, { c: community, day: day.value }).value;
  const f = read.data?.forecast;
  useEffect(() => {
    if (f && day.value === null) tomorrow.value = f.day;
  }, [f]);
  return (
    <section class="stack" id="forecast" aria-labelledby="forecast-title">
      <h2 id="forecast-title">{w.title}</h2>
      <p class="row"><label for="day">{w.day}</label> <input id="day" type="date" max={tomorrow.value ?? ''} value={day.value ?? f?.day ?? ''} onChange={(e) => e.currentTarget.value && (day.value = e.currentTarget.value)} /></p>
      {read.error && <p class="refused" role="alert">{read.error}</p>}
      {!f && !read.error && <p role="status">{w.loading}</p>}
      {f && <Known of={f} />}
      {f && f.rows.length > 0 && <CSV noun="forecast" name={w.title} args={{ communityId: community, day: f.day }} />}
      {f && f.score.days > 0 && <CSV noun="scores" name={w.errors} args={{ communityId: community, day: f.day }} />}
    </section>
  );
}

function Known({ of }: { of: Forecast }) {
  const whole = of.rows.find((r) => r.kind === 'ALL');
  const buildings = of.rows.filter((r) => r.kind === 'BUILDING');
  const items = of.rows.filter((r) => r.kind === 'ITEM');
  const chosen = useSignal<string | null>(null);
  const within = of.rows.filter((r) => r.kind === 'BUILDING_ITEM' && r.building);
  const codes = [...new Set(within.map((r) => r.building!.code))].sort();
  const code = chosen.value !== null && codes.includes(chosen.value) ? chosen.value : codes[0];
  const inside = within.filter((r) => r.building!.code === code);
  const cells = (r: Row, name: string): Cell[] => [name, `${r.method === 'UP_TO' ? w.upTo(number(r.high)) : number(r.expected)}${r.unit ? ` ${r.unit}` : ''}`, r.method === 'UP_TO' ? '—' : atLeast(r) ? `≥ ${number(r.low)}` : `${number(r.low)} – ${number(r.high)}`, `${said(methods[r.method], r.method)}${r.likeDays > 0 ? ` (${r.likeDays})` : ''}`];
  return (
    <>
      <p id="headline">{whole ? atLeast(whole) ? w.least(of.day, number(whole.expected)) : w.says(of.day, number(whole.expected), number(whole.low), number(whole.high)) : w.none(of.day)}</p>
      {of.noBetter && whole?.method === 'YESTERDAY' && <p class="note warn" id="nobetter">{w.noBetter}</p>}
      <Score of={of} />
      {buildings.length > 0 && <><h3>{w.buildings}</h3><Table id="buildings" label={w.buildings} head={[w.building, w.expected, w.range, w.how]} rows={buildings.map((r) => cells(r, r.building?.code ?? ''))} /></>}
      {items.length > 0 && <><h3>{w.items}</h3><Table id="items" label={w.items} head={[w.item, w.expected, w.range, w.how]} rows={items.slice(0, most).map((r) => cells(r, r.item ?? ''))} /></>}
      {items.length > most && <p class="faint">{w.more(items.length - most)}</p>}
      {code !== undefined && (
        <>
          <h3>{w.within}</h3>
          <p class="row"><label for="within">{w.building}</label> <select id="within" value={code} onChange={(e) => (chosen.value = e.currentTarget.value)}>{codes.map((c) => <option key={c} value={c}>{c}</option>)}</select></p>
          <Table id="inside" label={`${w.within} ${code}`} head={[w.item, w.expected, w.range, w.how]} rows={inside.slice(0, most).map((r) => cells(r, r.item ?? ''))} />
          {inside.length > most && <p class="faint">{w.more(inside.length - most)}</p>}
        </>
      )}
    </>
  );
}

function Score({ of: { score: s } }: { of: Forecast }) {
  if (s.wape == null || s.least == null) return <p id="score" class="faint">{w.noScore}</p>;
  const parts = [
    w.score(s.days, percent(s.wape), percent(s.least)),
    s.bias == null || Math.abs(s.bias) < 0.0005 ? '' : s.bias > 0 ? w.bias(percent(s.bias)) : w.biasLow(percent(-s.bias)),
    s.mase == null ? '' : w.mase(s.mase.toFixed(2)),
  ];
  return <p id="score">{parts.filter(Boolean).join(language.value === 'zh' ? '' : ' ')}</p>;
}
