import { useEffect } from 'preact/hooks';

import { CallDesk } from '../shared/calldesk';
import { given } from '../shared/given';
import { choose, language, said, words } from '../shared/language';
import { chain, stages } from '../shared/terms';
import { clock, estateOf, when, zone } from '../shared/time';
import { follow, heard, line, order, seen, type Tracked } from './stream';

const w = words({
  title: ['订单', 'Order'],
  loading: ['正在载入…', 'Loading…'],
  held: [(stage: string) => `${stage}（暂停）`, (stage: string) => `${stage}, held for now`],
  live: ['实时更新中', 'Live'],
  lost: [(t: string) => `连接中断，正在重连… 以下是 ${t} 的情况`, (t: string) => `Connection lost, trying again… This is how it was at ${t}`],
  never: ['连接中断，正在重连…', 'Connection lost, trying again…'],
  ended: ['链接已失效', 'This link has ended'],
  stages: ['进度', 'Stages'],
  done: ['已完成', 'done'],
  here: ['现在', 'now'],
  again: ['这次没能送进家门，队员会再来。', 'It could not be handed over this time. A volunteer will come again.'],
  undone: [(stage: string) => `“${stage}”登记有误，保供队已更正。`, (stage: string) => `“${stage}” was entered by mistake; the team has corrected it.`],
  other: ['English', '中文'],
});

if (given.timeZone) zone.value = given.timeZone;

/**
 * Says why an order is back at an earlier stage than one that it has reached or that this page has shown; null if it is not. The stream does
 * not give the reason: a later stage that the order really reached and left is a failed attempt, and any other was taken back.
 */
function setback({ stage, stageTimes }: Tracked, shown: readonly string[]): string | null {
  const at = chain.indexOf(stage);
  if (at < 0) return null;
  const later = (s: string) => chain.indexOf(s) > at;
  if (stage === 'AT_BUILDING' && stageTimes.some((t) => t.stage === 'OUT_FOR_DELIVERY')) return w.again;
  const left = shown.filter(later).at(-1);
  return left ? w.undone(said(stages[left], left)) : null;
}

/** One order while it moves, for a person who has its link. */
export function TrackPage() {
  useEffect(() => follow(), []);
  const o = order.value;
  const ended = line.value === 'ended';
  return (
    <div class="page narrow large track">
      <header>
        <h1>{w.title} <span id="number">{o && `#${o.number}`}</span></h1>
        <button id="language" lang={language.value === 'zh' ? 'en' : 'zh-CN'} onClick={() => choose(language.value === 'zh' ? 'en' : 'zh')}>{w.other}</button>
      </header>
      <main class="stack">
        {!ended && <p id="where">{o?.address}</p>}
        <p id="now" aria-live="polite">{ended ? w.ended : o ? now(o) : w.loading}</p>
        {!ended && o && <Progress order={o} />}
        <p id="line" role="status" class={line.value === 'lost' ? 'refused' : 'faint'}>
          {line.value === 'live' ? w.live : line.value === 'lost' ? (heard.value ? w.lost(clock(estateOf(heard.value))) : w.never) : ''}
        </p>
        <CallDesk number={given.deskPhone} />
      </main>
    </div>
  );
}

function now(o: Tracked): string {
  const stage = said(stages[o.stage], o.stage);
  return o.held ? w.held(stage) : stage;
}

function Progress({ order: o }: { order: Tracked }) {
  const reached = new Map(o.stageTimes.map((t) => [t.stage, t.at]));
  const listed = chain.includes(o.stage) ? chain : [...chain.filter((s) => reached.has(s)), o.stage];
  const at = listed.indexOf(o.stage);
  const why = setback(o, seen.value);
  return (
    <>
      {why && <p id="back" class="note warn">{why}</p>}
      <ol id="chain" aria-label={w.stages}>
        {listed.map((stage, i) => {
          const time = i <= at ? reached.get(stage) : undefined;
          return (
            <li key={stage} data-stage={stage} class={i === at ? 'done here' : i < at ? 'done' : ''} aria-current={i === at ? 'step' : undefined}>
              <span>{said(stages[stage], stage)}{i <= at && <span class="aside"> {i < at ? w.done : w.here}</span>}</span>
              {time && <time dateTime={time}>{i === at ? when(time) : clock(time)}</time>}
            </li>
          );
        })}
      </ol>
    </>
  );
}
