import { said, words } from '../shared/language';
import { chain, stages } from '../shared/terms';
import { clock, when } from '../shared/time';
import type { Order } from './orders';
import { reasonWord } from './terms';

const w = words({
  stages: ['进度', 'Stages'],
  done: ['已完成', 'done'],
  here: ['现在', 'now'],
  failed: [(t: string, why: string) => `${t} 上门未成功：${why}。会再送来。`, (t: string, why: string) => `${t}: the hand-over did not work: ${why}. A volunteer will come again.`],
  undone: [(t: string, from: string) => `${t} 更正：“${from}”登记有误，已改回上一步。`, (t: string, from: string) => `${t}: the team corrected an entry: “${from}” was taken back.`],
});

/** The seven stages with their times. Stages that the order has left again are explained below. */
export function Stages({ order }: { order: Order }) {
  const reached = new Map(order.stageTimes.map((t) => [t.stage as string, t.at]));
  const at = chain.indexOf(order.stage);
  return (
    <ol class="stages" aria-label={w.stages}>
      {chain.map((stage, i) => {
        const time = i <= at ? reached.get(stage) : undefined;
        return (
          <li key={stage} data-stage={stage} class={i < at ? 'done' : i === at ? 'here' : ''} aria-current={i === at ? 'step' : undefined}>
            <span>{said(stages[stage], stage)}{i <= at && <span class="aside"> {i < at ? w.done : w.here}</span>}</span>
            {time && <time dateTime={time}>{i === at ? when(time) : clock(time)}</time>}
          </li>
        );
      })}
    </ol>
  );
}

/** Why an order went back: attempts at the door that failed, and entries that the team corrected. */
export function Setbacks({ order }: { order: Order }) {
  const back = order.history.flatMap((e) => {
    const from = said(stages[e.from ?? ''], e.from ?? '');
    if (e.kind === 'MOVE_UNDONE') return [w.undone(clock(e.at), from)];
    if (e.kind === 'ORDER_MOVED' && e.from === 'OUT_FOR_DELIVERY' && e.order.stage === 'AT_BUILDING') return [w.failed(clock(e.at), reasonWord(e.reason ?? ''))];
    return [];
  });
  if (back.length === 0) return null;
  return <ul class="note warn stack setbacks">{back.map((text) => <li key={text}>{text}</li>)}</ul>;
}
