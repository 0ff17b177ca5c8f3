import './shopping.css';

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask } from '../shared/api';
import { CommunityChoice, useCommunity } from '../shared/choice';
import { said, words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { persist } from '../shared/session';
import { substitutes } from '../shared/terms';
import { date, estateTime } from '../shared/time';
import { me } from '../shared/viewer';
import { type Item, list, takers } from './operations';

const w = words({
  who: ['谁去买', 'Who goes to the shop'],
  print: ['打印', 'Print'],
  count: [(orders: number, items: number) => `${orders} 单，${items} 种商品。`, (orders: number, items: number) => `${orders === 1 ? '1 order' : `${orders} orders`}, ${items === 1 ? '1 item' : `${items} items`}.`],
  nothing: ['没有要买的东西。', 'There is nothing to buy.'],
  item: ['商品', 'Item'], all: ['共', 'In all'], whom: ['给谁', 'For'],
  price: [(yuan: string) => `${yuan} 元`, (yuan: string) => `${yuan} yuan`],
  loading: ['正在载入…', 'Loading…'],
});

export function ShoppingPage() {
  return (
    <Frame title={['购物清单', 'Shopping list']}>
      <SignedIn page="shopping"><Shopping /></SignedIn>
    </Frame>
  );
}

type Taker = { id: string; code: string };

/** What a volunteer is to buy, each item once with the orders that need it. The volunteer is in the address: ?taker=ID; without it, it is the reader's own list. */
function Shopping() {
  const community = useCommunity();
  const people = useSignal<Taker[] | null>(null);
  const taker = useSignal(new URLSearchParams(location.search).get('taker') ?? '');
  const got = useSignal<{ name: string; items: readonly Item[] } | null>(null);
  const refused = useSignal<string | null>(null);
  const failed = (e: unknown) => (refused.value = (e as Error).message);

  // The reader, and for leads, the commander and administrators every taker of an open order.
  useEffect(() => {
    people.value = null;
    if (!community.value) return;
    const own = me.value!.volunteer;
    const mine = own ? [{ id: own.id, code: own.code }] : [];
    const all = me.value!.role === 'VOLUNTEER' ? Promise.resolve(mine) : persist(() => ask(takers, { community: community.value! }), failed).then(({ orders }) => {
      const known = new Map(orders.nodes.flatMap((o) => (o.taker && o.taker.id !== own?.id ? [[o.taker.id, o.taker] as const] : [])));
      return [...mine, ...[...known.values()].sort((a, b) => a.code.localeCompare(b.code))];
    });
    all.then((found) => {
      people.value = found;
      if (!found.some((t) => t.id === taker.value)) taker.value = found[0]?.id ?? '';
    }, failed);
  }, [community.value]);

  useEffect(() => {
    got.value = null;
    if (!community.value || !people.value || !taker.value) return;
    const of = taker.value;
    persist(() => ask(list, { community: community.value!, taker: of }), failed).then((answer) => {
      if (taker.value !== of) return;
      refused.value = null;
      got.value = { name: answer.community?.name ?? '', items: answer.shoppingList };
    }, failed);
  }, [community.value, people.value, taker.value]);

  const items = got.value?.items ?? [];
  const orders = new Set(items.flatMap((i) => i.for.map((n) => n.order.id))).size;
  const code = people.value?.find((t) => t.id === taker.value)?.code;
  const loaded = people.value && (got.value || !taker.value);
  return (
    <div class="shopping stack">
      <CommunityChoice chosen={community} />
      <p class="row noprint">
        {people.value && people.value.length > 1 && (
          <>
            <label for="taker">{w.who}</label>
            <select id="taker" value={taker} onChange={(e) => {
              taker.value = e.currentTarget.value;
              history.replaceState(null, '', `${location.pathname}?${new URLSearchParams({ taker: taker.value, ...(me.value!.community ? {} : { community: community.value! }) })}`);
            }}>
              {people.value.map((t) => <option key={t.id} value={t.id}>{t.code}</option>)}
            </select>
          </>
        )}
        <button id="print" disabled={orders === 0} onClick={() => print()}>{w.print}</button>
      </p>
      <p id="said" class="refused" role="alert">{refused}</p>
      {community.value && !loaded && !refused.value && <p role="status">{w.loading}</p>}
      {loaded && (
        <>
          {got.value && <h2 id="head">{got.value.name} · {code} · {date(estateTime())}</h2>}
          <p id="count" role="status">{orders > 0 ? w.count(orders, items.length) : w.nothing}</p>
          {orders > 0 && (
            <table id="list">
              <thead><tr><th>{w.item}</th><th>{w.all}</th><th>{w.whom}</th></tr></thead>
              <tbody>
                {items.map((i) => (
                  <tr key={`${i.item} ${i.unit}`}>
                    <th scope="row">{i.item}</th><td>{i.quantity} {i.unit}</td>
                    <td>{i.for.map((n) => (
                      <span key={n.order.id}>
                        #{n.order.number} {n.order.address} × {n.quantity}{n.unitPriceFen > 0 && ` · ${w.price((n.unitPriceFen / 100).toFixed(2))}`} · {said(substitutes[n.substitute], n.substitute)}
                      </span>
                    ))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </div>
  );
}
