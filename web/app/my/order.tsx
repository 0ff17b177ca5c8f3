import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';

import { type Act, Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { Cancel } from './cancel';
import { lazily } from './lazy';
import { type Ended, type Order, refresh } from './orders';
import { sentenceOf } from './sentence';
import { Setbacks, Stages } from './stages';
import { postWord } from './terms';
import { Reported, Trouble } from './trouble';

const w = words({
  code: ['四位口令', 'Your code'],
  tell: ['队员上门时，请把口令告诉队员。', 'Tell it to the volunteer at your door.'],
  with: [(who: string) => `现在由${who}负责`, (who: string) => `With ${who} now`],
  got: ['收到了', 'Got it'],
  thanks: ['谢谢，已记下。', 'Thank you. It is noted.'],
  wrong: ['有问题', 'Something is wrong'],
  amend: ['修改', 'Change it'],
  cancel: ['取消订单', 'Cancel it'],
  share: ['分享进度', 'Share it'],
  goods: ['物品', 'Goods'],
  note: [(n: string) => `备注：${n}`, (n: string) => `Note: ${n}`],
});

const confirm = graphql(`
  mutation Confirm($input: ConfirmReceiptInput!) {
    confirmReceipt(input: $input) { results { orderId confirmed userErrors { message } } userErrors { message } }
  }
`);

const Share = lazily(() => import('./share').then((m) => m.Share));
const Ordering = lazily(() => import('./ordering').then((m) => m.Ordering));

type Panel = 'wrong' | 'cancel' | 'share' | 'amend';

/** The household's word that it has received an order. */
export async function confirmed(order: Ended | Order, doing: Act) {
  const input = { clientMutationId: newKey(), orderIds: [order.id] };
  if (await doing.run(async (failed) => (await act(confirm, { input }, failed)).confirmReceipt, () => w.thanks)) refresh();
}

/** One order on its way: the sentence, who has it, the stages, and what the household can do. */
export function OpenOrder({ order, offline }: { order: Order; offline: boolean }) {
  const open = useSignal<Panel | null>(null);
  const doing = useAct();
  const atDoor = order.stage === 'OUT_FOR_DELIVERY';
  const close = () => (open.value = null);
  const button = (panel: Panel, text: string) => (
    <button type="button" class={panel} disabled={offline} aria-expanded={open.value === panel} onClick={() => (open.value = open.value === panel ? null : panel)}>{text}</button>
  );
  return (
    <article class="order stack" data-order={order.number} aria-labelledby={`o${order.number}`}>
      <h2 id={`o${order.number}`} class="sentence" aria-live="polite">{sentenceOf(order)}</h2>
      {order.doorCode && (atDoor || order.stage === 'AT_BUILDING') && (
        <p class="code note good"><span>{w.code}</span> <b>{order.doorCode}</b> <span>{w.tell}</span></p>
      )}
      <Setbacks order={order} />
      <div class="row acts">
        {atDoor && !order.confirmedAt && <button class="main got" disabled={offline || doing.busy.value} onClick={() => void confirmed(order, doing)}>{w.got}</button>}
        {button('wrong', w.wrong)}
      </div>
      <Said of={doing} />
      {open.value === 'wrong' && <Shown><Trouble order={order.id} close={close} /></Shown>}
      <Reported of={order.incidents} />
      <p class="faint">#{order.number} · {w.with(postWord(order.actsNext))}</p>
      <Stages order={order} />
      <Goods lines={order.lines} note={order.note} />
      <div class="row acts">
        {order.stage === 'PLACED' && order.window?.state === 'OPEN' && order.placedBy.role === 'RESIDENT' && button('amend', w.amend)}
        {order.allowedMoves.some((m) => m.to === 'CANCELLED') && button('cancel', w.cancel)}
        {button('share', w.share)}
      </div>
      {open.value === 'amend' && <Shown><Ordering amend={order} close={close} /></Shown>}
      {open.value === 'cancel' && <Shown><Cancel order={order} close={close} /></Shown>}
      {open.value === 'share' && <Shown><Share order={order.id} number={order.number} /></Shown>}
    </article>
  );
}

/** A part of the page that was asked for: the keyboard goes there. */
function Shown({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return <div ref={box} tabIndex={-1} class="shown">{children}</div>;
}

export function Goods({ lines, note = '' }: { lines: readonly { readonly id: string; readonly item: string; readonly quantity: string; readonly unit: string }[]; note?: string }) {
  return (
    <div class="goods">
      <ul aria-label={w.goods}>{lines.map((l) => <li key={l.id}><span>{l.item}</span> <span>{l.quantity} {l.unit}</span></li>)}</ul>
      {note && <p class="faint">{w.note(note)}</p>}
    </div>
  );
}
