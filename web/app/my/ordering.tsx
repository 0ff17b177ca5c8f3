import { useEffect, useMemo } from 'preact/hooks';

import { Said, useAct } from '../shared/act';
import { act, useLive, useRead } from '../shared/api';
import { graphql, type VariablesOf } from '../shared/graphql';
import { said, words } from '../shared/language';
import { token } from '../shared/session';
import { newKey } from '../shared/store';
import { substitutes } from '../shared/terms';
import { clock } from '../shared/time';
import { me } from '../shared/viewer';
import { type Draft, goodsIn, kept } from './draft';
import { Offers, offersOf } from './offers';
import { type Order, refresh } from './orders';

const w = words({
  from: ['从哪里买？', 'Where from?'],
  window: [(name: string, supplier: string) => `${name}（${supplier}）`, (name: string, supplier: string) => `${name} (${supplier})`],
  times: [(closes: string, brings: string) => `${closes} 截单，${brings} 送`, (closes: string, brings: string) => `Orders until ${closes}, delivery ${brings}`],
  shop: ['商家的其他物品（自己写）', 'Other goods of a shop (write a list)'],
  buy: ['请队员代购', 'Ask a volunteer to buy it'],
  buying: ['话务员会打电话与您核对，再请队员去买。', 'The phone desk calls you to go through the list. Then a volunteer goes to the shop.'],
  which: ['哪一家', 'Which shop'],
  choose: ['请选择', 'Please choose'],
  list: ['要什么？一行一样，例如“鸡蛋 2 盒”', 'What do you need? One thing on a line, such as “eggs 2 boxes”'],
  note: ['备注（可不填）', 'Note (optional)'],
  missing: ['如果缺货', 'If something is not there'],
  place: ['下单', 'Place the order'],
  ask: ['发给话务员', 'Send it to the desk'],
  change: ['保存修改', 'Save the change'],
  placed: [(n: string) => `下单成功，订单 #${n}。`, (n: string) => `Your order is placed: #${n}.`],
  asked: ['已登记，话务员会打给您。', 'Noted. The phone desk will call you.'],
  changed: ['已修改。', 'Your order is changed.'],
  loading: ['正在载入…', 'Loading…'],
  nothing: ['请先选择或填写物品。', 'Please choose or write down what you need.'],
  inNote: ['备注', 'Note'],
  inList: ['物品', 'List of goods'],
});

const windows = graphql(`
  query Windows($communityId: ID!) {
    orderWindows(communityId: $communityId, open: true) { id name closesAt deliverAt supplier { id name } }
    suppliers(communityId: $communityId, first: 100) { nodes { id name } }
  }
`);

export const windowStream = graphql(`
  subscription Window($id: ID!) {
    window(id: $id) { id state offers { package { id name unit } priceFen left householdCap } }
  }
`);

const place = graphql(`
  mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id number } userErrors { message reason field } } }
`);
const amendOrder = graphql(`
  mutation Amend($input: AmendOrderInput!) { amendOrder(input: $input) { order { id number version } userErrors { message reason field } } }
`);
const ask = graphql(`
  mutation AskToBuy($input: LogEnquiryInput!) { logEnquiry(input: $input) { enquiry { id } userErrors { message reason field } } }
`);

type Place = VariablesOf<typeof place>['input'];
type Amend = VariablesOf<typeof amendOrder>['input'];
type Ask = VariablesOf<typeof ask>['input'];

/** What the page says after an order was sent, as long as the order with the number is as it says. */
export type Told = { says: () => string; number?: number };

/** What a refused field is called on the form. */
const fieldWord = (field: readonly string[]) => (field.includes('note') ? w.inNote : field.includes('lines') || field.includes('text') ? w.inList : null);

/**
 * The form in which a household orders: packages of an open window, goods of a shop that it names itself, or goods that a volunteer buys. With
 * amend it changes an order whose window is still open.
 */
export function Ordering({ amend, close }: { amend?: Order; close: (done?: Told) => void }) {
  const { community, household } = me.value!;
  const own = Object.fromEntries((amend?.lines ?? []).flatMap((l) => (l.package ? [[l.package.id, Number(l.quantity)]] : [])));
  const { draft, change, drop, follow } = useMemo(() => kept(amend ? `amend:${amend.id}` : 'order', amend && { source: amend.window!.id, counts: own, note: amend.note }), [amend?.id]);
  const read = useRead(windows, amend ? null : { communityId: community!.id });
  const doing = useAct(fieldWord);

  const d = draft.value;
  const open = read.value.data?.orderWindows ?? [];
  const shops = read.value.data?.suppliers.nodes ?? [];
  const shop = d.supplier || (shops.length === 1 ? shops[0]!.id : ''); // the only one need not be chosen
  const inWindow = amend !== undefined || open.some((o) => o.id === d.source);
  const stream = useLive(windowStream, inWindow ? { id: d.source } : null);
  const offers = offersOf(stream.value.data?.window.offers ?? [], own);

  // input returns what to send; null if nothing was chosen.
  function input(): Record<string, unknown> | null {
    const clientMutationId = d.key;
    const lines = inWindow
      ? offers.filter((o) => (d.counts[o.id] ?? 0) > 0).map((o) => ({ packageId: o.id, quantity: String(d.counts[o.id]), substitute: d.substitute }))
      : goodsIn(d.text).map((g) => ({ ...g, substitute: d.substitute }));
    if (lines.length === 0) return null;
    if (amend) return { clientMutationId, orderId: amend.id, expectedVersion: amend.version, lines, note: d.note.trim() } satisfies Amend;
    if (d.source === 'buy') {
      return { clientMutationId, communityId: community!.id, householdId: household!.id, kind: 'ORDER', way: 'APP', text: [d.text.trim(), d.note.trim()].filter(Boolean).join('\n').slice(0, 500) } satisfies Ask;
    }
    const common = { clientMutationId, householdId: household!.id, channel: 'APP' as const, lines, note: d.note.trim() };
    return inWindow ? { ...common, windowId: d.source } satisfies Place : { ...common, supplierId: shop } satisfies Place;
  }

  async function send(sending: Record<string, unknown>) {
    change({ sending });
    let told: Told = { says: () => w.changed };
    const done = await doing.run(async (failed) => {
      if (amend) return (await act(amendOrder, { input: sending as Amend }, failed)).amendOrder;
      if ('way' in sending) {
        told = { says: () => w.asked };
        return (await act(ask, { input: sending as Ask }, failed)).logEnquiry;
      }
      const got = (await act(place, { input: sending as Place }, failed)).placeOrder;
      const number = got.order?.number;
      if (number !== undefined) told = { says: () => w.placed(String(number)), number };
      return got;
    });
    // A resident who has signed out meanwhile was not refused the order: it is sent again after the next sign-in.
    if (!done) return token.value ? change({ sending: null, key: newKey() }) : undefined;
    drop();
    refresh();
    close(told);
  }

  // Another window has sent it. What this one is sending has the same key, and gets the same answer.
  useEffect(() => follow(() => {
    if (!doing.busy.peek()) {
      drop();
      close();
    }
  }), []);

  useEffect(() => {
    if (draft.peek().sending) void send(draft.peek().sending!); // a reload came between sending and the answer
  }, []);

  function submit(e: Event) {
    e.preventDefault();
    const sending = input();
    if (sending) return void send(sending);
    doing.said.value = () => w.nothing;
    doing.refused.value = true;
  }

  // Before the windows are known nothing can be chosen, so that nothing moves under a finger.
  if (!amend && !read.value.data && !read.value.error) return <p role="status" class="panel">{w.loading}</p>;
  const free = !inWindow && d.source !== '';
  return (
    <form class="panel stack ordering" data-kept onSubmit={submit}>
      {!amend && (
        <fieldset disabled={doing.busy}>
          <legend>{w.from}</legend>
          {open.map((o) => (
            <Source key={o.id} value={o.id} draft={d} change={change}>
              <span>{w.window(o.name, o.supplier?.name ?? '')}<br /><small class="faint">{w.times(clock(o.closesAt), clock(o.deliverAt))}</small></span>
            </Source>
          ))}
          <Source value="shop" draft={d} change={change}><span>{w.shop}</span></Source>
          <Source value="buy" draft={d} change={change}><span>{w.buy}</span></Source>
        </fieldset>
      )}
      {inWindow && <Offers offers={offers} counts={d.counts} busy={doing.busy.value} set={(id, n) => change({ counts: { ...d.counts, [id]: n } })} />}
      {d.source === 'buy' && <p>{w.buying}</p>}
      {d.source === 'shop' && (
        <label>{w.which}
          <select id="shop" required value={shop} onChange={(e) => change({ supplier: e.currentTarget.value })}>
            <option value="">{w.choose}</option>
            {shops.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
          </select>
        </label>
      )}
      {free && <label>{w.list}<textarea id="list" rows={4} maxLength={480} value={d.text} onInput={(e) => change({ text: e.currentTarget.value })} /></label>}
      {(inWindow || free) && (
        <>
          {d.source !== 'buy' && (
            <label>{w.missing}
              <select id="substitute" value={d.substitute} onChange={(e) => change({ substitute: e.currentTarget.value as Draft['substitute'] })}>
                {(['ASK', 'ANY', 'NEVER'] as const).map((s) => <option key={s} value={s}>{said(substitutes[s], s)}</option>)}
              </select>
            </label>
          )}
          <label>{w.note}<input id="note" maxLength={300} value={d.note} onInput={(e) => change({ note: e.currentTarget.value })} /></label>
          <button class="main wide place" disabled={doing.busy}>{amend ? w.change : d.source === 'buy' ? w.ask : w.place}</button>
        </>
      )}
      {read.value.error && <p class="refused">{read.value.error}</p>}
      <Said of={doing} />
    </form>
  );
}

function Source({ value, draft, change, children }: { value: string; draft: Draft; change: (part: Partial<Draft>) => void; children: preact.ComponentChildren }) {
  return <label class="choice"><input type="radio" name="source" value={value} checked={draft.source === value} onChange={() => change({ source: value })} />{children}</label>;
}
