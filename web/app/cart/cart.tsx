import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask, useLive } from '../shared/api';
import { Cards } from '../shared/cards';
import { heardOf, lastOf } from '../shared/kept';
import { words } from '../shared/language';
import { acts, add, type Draft } from '../shared/outbox';
import { Frame, SignedIn } from '../shared/page';
import { store } from '../shared/store';
import { estateOf, when } from '../shared/time';
import { me } from '../shared/viewer';
import { DropAt } from './drop';
import { depart, finish, load, ready, type Ready, type Run, runs, sorted, type Sorted, start } from './operations';
import { type Cart, type Deed, fitting, view } from './view';

const w = words({
  loading: ['正在载入…', 'Loading…'],
  capacity: ['推车能装几袋？', 'How many bags does your cart take?'],
  quiet: ['静音时段也开始', 'Begin also in quiet hours'],
  start: ['开始一趟', 'Start a run'],
  run: [(n: number | null) => (n ? `第 ${n} 趟` : '新的一趟'), (n: number | null) => (n ? `Run ${n}` : 'New run')],
  full: [(bags: number, of: number) => `车上 ${bags} / ${of} 袋`, (bags: number, of: number) => `${bags} of ${of === 1 ? '1 bag' : `${of} bags`} on the cart`],
  load: [(code: string) => `装 ${code}`, (code: string) => `Load ${code}`],
  bin: [(bags: number, orders: number) => `${bags} 袋，${orders} 单`, (bags: number, orders: number) => `${bags === 1 ? '1 bag' : `${bags} bags`}, ${orders === 1 ? '1 order' : `${orders} orders`}`],
  heavy: [(n: number) => `重物 ${n}`, (n: number) => `heavy: ${n}`],
  cold: [(n: number) => `冷链 ${n}`, (n: number) => `cold: ${n}`],
  held: [(n: number) => `另有 ${n} 单暂停`, (n: number) => `${n} more on hold`],
  none: ['现在没有可装的。', 'Nothing to load now.'],
  readyBins: ['待装，最早的在前', 'Ready, the oldest first'],
  depart: ['出发', 'Depart'],
  stops: ['要去的楼', 'Stops'],
  finish: ['结束此趟', 'Finish'],
  back: [(n: number) => `车上还有 ${n} 袋，将退回分拣格。`, (n: number) => (n === 1 ? '1 bag is still on the cart and goes back into its bin.' : `${n} bags are still on the cart and go back into their bins.`)],
  kept: [(t: string) => `以下为 ${t} 的情况`, (t: string) => `As of ${t}`],
});

type Known = { bins: readonly Ready[]; run: Run | null };
const known = lastOf<Known>('cart');
const sortedOrders = lastOf<readonly Sorted[]>('sorted');
const calm = 1_000; // ms after a change of the cart before its orders are read
const patience = 15_000; // ms between two readings while the bins change

export function CartPage() {
  return (
    <Frame title={['运输', 'Cart']} class="narrow large cart">
      <SignedIn page="cart"><Work /></SignedIn>
    </Frame>
  );
}

function Work() {
  const community = me.value!.community!.id;
  const bins = useLive(ready, { communityId: community });
  const board = useLive(runs, { communityId: community });
  const [b, r] = [bins.value.data?.readyBuildings, board.value.data?.board.runs];
  const own = me.value!.volunteer?.id;
  useEffect(() => {
    if (b && r) heardOf<Known>('cart', { bins: b, run: r.find((run) => run.volunteer.id === own && (run.state === 'LOADING' || run.state === 'UNDERWAY')) ?? null });
  }, [b, r]);
  // Which orders are on the cart and in the bins is kept: a missing bag is named without a network. It is read again after the cart has changed, and
  // now and then while the bins fill.
  const mine = JSON.stringify(r?.filter((run) => run.volunteer.id === own).map((run) => [run.id, run.bags]));
  const others = JSON.stringify(b?.map((x) => [x.bin.id, x.orders]));
  // The server counts the bags that came to the gate, and all of an order that was not counted there.
  const read = () => void ask(sorted, { communityId: community }).then((d) => heardOf('sorted', d.orders.nodes.map((o) => ({ ...o, bags: o.bagsIn || o.bags }))), () => {});
  useEffect(() => {
    const timer = setTimeout(read, sortedOrders.peek() ? calm : 0);
    return () => clearTimeout(timer);
  }, [mine]);
  useEffect(() => {
    const timer = setTimeout(read, Math.max(calm, (sortedOrders.peek()?.at ?? 0) + patience - Date.now()));
    return () => clearTimeout(timer);
  }, [others]);
  const last = known.value;
  if (!last) return <div class="stack"><Cards /><p role="status">{bins.value.error ?? w.loading}</p></div>;
  const { cart, bins: left } = view(last.value.run, last.value.bins, last.at, acts.value, sortedOrders.value?.value ?? [], own);
  return (
    <div class="stack">
      <Cards />
      {!(b && r) && <p class="faint">{w.kept(when(estateOf(last.at)))}</p>}
      {cart ? <Open cart={cart} /> : <Start community={community} />}
      {!cart?.underway && <Bins bins={left} cart={cart} />}
    </div>
  );
}

const deed = (d: Deed) => d;
/** The run's id, or the act that opens it: a run may be opened, loaded and emptied before the server has heard of it. */
const of = (cart: Cart): { input: { runId?: string }; needs: NonNullable<Draft['needs']> } =>
  cart.id ? { input: { runId: cart.id }, needs: [] } : { input: {}, needs: [{ of: cart.opener!.key, from: ['run', 'id'], to: 'runId' }] };

function Start({ community }: { community: string }) {
  const capacity = useSignal(store.get<number>('capacity') ?? 20);
  const quiet = useSignal(false);
  return (
    <form class="stack" onSubmit={(e) => {
      e.preventDefault();
      const n = capacity.value;
      void add(start, { page: 'cart', input: { communityId: community, capacity: n, confirmQuietHours: quiet.value }, says: [`开始一趟，能装 ${n} 袋`, `Run started for ${n === 1 ? '1 bag' : `${n} bags`}`], detail: deed({ kind: 'start', capacity: n }) });
      try {
        store.set('capacity', n);
      } catch {
        // the storage is full; it is asked again
      }
    }}>
      <label for="capacity">{w.capacity}</label>
      <input id="capacity" type="number" inputMode="numeric" min={1} max={10000} required value={capacity} onInput={(e) => (capacity.value = Number(e.currentTarget.value))} />
      <label class="row"><input type="checkbox" checked={quiet} onInput={(e) => (quiet.value = e.currentTarget.checked)} />{w.quiet}</label>
      <button id="start" class="main">{w.start}</button>
    </form>
  );
}

function Bins({ bins, cart }: { bins: Ready[]; cart: Cart | null }) {
  return (
    <section class="stack" id="bins">
      <h2>{bins.length > 0 ? w.readyBins : w.none}</h2>
      <ul class="stack">
        {bins.map((b) => (
          <li key={b.bin.id} class="bin stack">
            <h3><span class="code">{b.bin.code}</span> <span>{w.bin(b.bags, b.orders)}</span></h3>
            <p class="row facts"><span class="faint">{when(b.oldestSince)}</span> {b.heavy > 0 && <b>{w.heavy(b.heavy)}</b>} {b.cold > 0 && <b>{w.cold(b.cold)}</b>} {b.held > 0 && <span>{w.held(b.held)}</span>}</p>
            {cart && (
              <button class="main load" disabled={cart.bags >= cart.capacity} onClick={() => {
                const { input, needs } = of(cart);
                void add(load, { page: 'cart', input: { ...input, binIds: [b.bin.id] }, needs, says: [`装 ${b.bin.code}`, `Loaded ${b.bin.code}`], parts: [[b.bin.code, b.bin.code]], detail: deed({ kind: 'load', bin: b, orders: fitting(b.bin.id, sortedOrders.peek()?.value ?? [], cart.capacity - cart.bags) }) });
              }}>{w.load(b.bin.code)}</button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Open({ cart }: { cart: Cart }) {
  const asking = useSignal(false);
  const { input, needs } = of(cart);
  const end = () => void add(finish, { page: 'cart', input, needs, says: ['结束此趟', 'Run finished'], detail: deed({ kind: 'finish' }) });
  return (
    <section class="stack" id="run">
      <h2>{w.run(cart.number)}: {w.full(cart.bags, cart.capacity)}</h2>
      <progress max={cart.capacity} value={cart.bags} aria-label={w.full(cart.bags, cart.capacity)} />
      {!cart.underway && <button id="depart" class="main" disabled={cart.bags === 0} onClick={() => void add(depart, { page: 'cart', input, needs, says: ['出发', 'Departed'], detail: deed({ kind: 'depart' }) })}>{w.depart}</button>}
      {cart.underway && <ul class="stack" aria-label={w.stops}>{cart.stops.filter((s) => s.bags > 0).map((s) => <DropAt key={`${s.id} ${s.bags}`} stop={s} run={{ input, needs }} />)}</ul>}
      {asking.value && cart.bags > 0
        ? <div class="note warn row" role="alert"><span>{w.back(cart.bags)}</span><button id="finish" class="danger" onClick={end}>{w.finish}</button></div>
        : <button id="finish" class={cart.underway && cart.bags === 0 ? 'main' : ''} onClick={() => (cart.bags > 0 ? (asking.value = true) : end())}>{w.finish}</button>}
    </section>
  );
}
