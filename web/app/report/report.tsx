import './report.css';

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { CommunityChoice, useCommunity } from '../shared/choice';
import { download } from '../shared/download';
import { said, words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { post } from '../shared/post';
import { persist, token } from '../shared/session';
import { reportTerms } from '../shared/terms';
import { when } from '../shared/time';

const w = words({
  day: ['日期', 'Day'],
  print: ['打印', 'Print'],
  table: ['下载当日表格（CSV）', 'Download the day as a table (CSV)'],
  until: [(t: string) => `数字截至 ${t}。`, (t: string) => `Numbers as of ${t}.`],
  loading: ['正在载入…', 'Loading…'],
  plan: ['计划与实际', 'The plan and the day'],
  assumed: ['（假定）', ' (assumed)'],
  took: [
    (step: string, took: string, planned: string, assumed: string, off: string) => `${step}用时 ${took} 分钟，计划 ${planned} 分钟${assumed}${off && `，${off}`}。`,
    (step: string, took: string, planned: string, assumed: string, off: string) => `${step} took ${took} min, planned ${planned}${assumed}${off && `, ${off}`}.`,
  ],
});

const steps = words({
  TRUCK_DELAY: ['等晚到的车辆', 'Waiting for a truck after its time'],
  UNLOAD: ['门口卸货每车', 'Unloading a truck'],
  GATE: ['门口清点每袋', 'Counting a bag at the gate'],
  OVERLOOKED: ['找到漏分的订单', 'Finding an overlooked order'],
  SORT: ['分拣每单', 'Sorting an order'],
  DOOR: ['入户每单', 'A hand-over at a door'],
  CART_TRAVEL: ['推车出发到第一站', 'A cart to its first stop'],
  CART_STOP: ['推车到下一站', 'A cart to its next stop'],
  SETTLE: ['静置', 'Settling'],
});

export function ReportPage() {
  return (
    <Frame title={['日报', 'Daily report']}>
      <SignedIn page="report"><Report /></SignedIn>
    </Frame>
  );
}

type Step = 'TRUCK_DELAY' | 'UNLOAD' | 'GATE' | 'OVERLOOKED' | 'SORT' | 'DOOR' | 'CART_TRAVEL' | 'CART_STOP' | 'SETTLE';
type WrongTime = { step: Step; plannedMinutes: number; measuredMinutes: number; differencePercent: number; assumed: boolean };

type Numbers = { community: { name: string; code: string }; report: { day: string; until: string } & Record<string, number | string | null>; plan: { wrongTimes: readonly WrongTime[] } | null };

// The numbers are those that the rules list, so that a new one appears here by itself.
const query = `query Report($c: ID!, $day: String) {
  community(id: $c) { name code }
  plan: planAgainstActual(communityId: $c, day: $day) { wrongTimes { step plannedMinutes measuredMinutes differencePercent assumed } }
  report: dailyReport(communityId: $c, day: $day) { day until ${reportTerms.map((t) => t.name).join(' ')} }
}`;

/** Minutes with one decimal, two below 1: a bag takes seconds. */
const minutes = (n: number) => n.toFixed(n < 1 ? 2 : 1);
/** By how much per cent a time was longer or shorter than planned; nothing if it was neither, and where the plan had no time to compare with. */
const off = ({ plannedMinutes, differencePercent: n }: WrongTime) => (n === 0 || plannedMinutes < 0.005 ? '' : `${n > 0 ? '+' : '−'}${Math.abs(n)} %`);
const shown = (value: number | string | null | undefined, fen: boolean) => (value == null ? '—' : fen ? (Number(value) / 100).toFixed(2) : String(value));

/** The numbers of one day. The day and, for administrators, the community are in the address. */
function Report() {
  const community = useCommunity();
  const day = useSignal(new URLSearchParams(location.search).get('day'));
  const got = useSignal<Numbers | null>(null);
  const refused = useSignal<string | null>(null);

  useEffect(() => {
    const [c, d] = [community.value, day.value];
    if (!c) return;
    got.value = null;
    const failed = (e: unknown) => (refused.value = (e as Error).message);
    persist(() => post<Numbers>(query, { c, day: d }, token.value), failed).then((answer) => {
      if (community.value !== c || day.value !== d) return;
      refused.value = null;
      got.value = answer;
    }, failed);
  }, [community.value, day.value]);

  useEffect(() => {
    if (day.value) history.replaceState(null, '', `${location.pathname}?${new URLSearchParams({ day: day.value, ...(community.value ? { community: community.value } : {}) })}`);
  }, [community.value, day.value]);

  const r = got.value;
  return (
    <div class="report stack">
      <CommunityChoice chosen={community} />
      <p class="row noprint">
        <label for="day">{w.day}</label>
        <input id="day" type="date" value={day.value ?? r?.report.day ?? ''} onChange={(e) => e.currentTarget.value && (day.value = e.currentTarget.value)} />
        <button id="print" disabled={!r} onClick={() => print()}>{w.print}</button>
        <button id="csv" disabled={!r} onClick={() => download(`exports/days.csv?${new URLSearchParams({ from: r!.report.day, until: r!.report.day, communityId: community.value! })}`, `${r!.report.day}.csv`)
          .catch((e: Error) => (refused.value = e.message))}>{w.table}</button>
      </p>
      <p id="said" class="refused" role="alert">{refused}</p>
      {community.value && !r && !refused.value && <p role="status">{w.loading}</p>}
      {r && (
        <>
          <h2 id="head">{r.community.name} {r.community.code} {r.report.day}</h2>
          <p id="until" role="status">{w.until(when(r.report.until))}</p>
          <table id="numbers">
            <tbody>{reportTerms.map((t) => <tr key={t.name}><th scope="row">{said(t.words)}</th><td>{shown(r.report[t.name], t.fen)}</td></tr>)}</tbody>
          </table>
          {r.plan && r.plan.wrongTimes.length > 0 && (
            <section id="plan">
              <h3>{w.plan}</h3>
              {r.plan.wrongTimes.map((t) => <p key={t.step}>{w.took(steps[t.step], minutes(t.measuredMinutes), minutes(t.plannedMinutes), t.assumed ? w.assumed : '', off(t))}</p>)}
            </section>
          )}
        </>
      )}
    </div>
  );
}
