import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { said, words } from '../shared/language';
import { stages } from '../shared/terms';
import { when } from '../shared/time';
import { confirmed, Goods } from './order';
import type { Ended } from './orders';
import { goodsOf } from './sentence';
import { Reported, Trouble } from './trouble';

const w = words({
  got: ['收到了', 'Got it'],
  goods: ['有哪些物品', 'What was in it'],
  wrong: ['有问题', 'Something is wrong'],
  yes: ['您已确认收到', 'You confirmed that you have it'],
});

/** One order that has ended: handed over, cancelled or returned. */
export function EndedOrder({ order, offline }: { order: Ended; offline: boolean }) {
  const doing = useAct();
  const open = useSignal(false);
  const delivered = order.stage === 'DELIVERED';
  return (
    <article class="ended stack" data-order={order.number} aria-labelledby={`e${order.number}`}>
      <h3 id={`e${order.number}`}>{goodsOf(order.lines)} · {said(stages[order.stage], order.stage)}</h3>
      <p class="faint">#{order.number} · {when(order.stageSince)}{order.confirmedAt && ` · ${w.yes}`}</p>
      {order.lines.length > 1 && <details><summary>{w.goods}</summary><Goods lines={order.lines} /></details>}
      {delivered && (
        <div class="row acts">
          {!order.confirmedAt && <button class="got" disabled={offline || doing.busy.value} onClick={() => void confirmed(order, doing)}>{w.got}</button>}
          <button type="button" class="wrong" disabled={offline} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>{w.wrong}</button>
        </div>
      )}
      <Said of={doing} />
      {open.value && <Trouble order={order.id} close={() => (open.value = false)} />}
      <Reported of={order.incidents} />
    </article>
  );
}
