import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ask, useLive } from '../shared/api';
import { Cards } from '../shared/cards';
import { InCommunity } from '../shared/choice';
import { heardOf, lastOf } from '../shared/kept';
import { said, type Text, words } from '../shared/language';
import { type Act, acts, add, open } from '../shared/outbox';
import { Frame, SignedIn } from '../shared/page';
import { clock, estateOf, when } from '../shared/time';
import { Count, type Listed } from './count';
import { entriesOf, forgetAllBut, openedIn, openTruck, sumsOf } from './entries';
import { List } from './list';
import { arrive, receive, type Row, type Truck, truckList, trucks } from './operations';
import { StrayForm } from './stray';
import { Unannounced } from './unannounced';

const w = words({
  next: ['下一辆', 'Next truck'],
  none: ['今天没有待收的车。', 'No truck is expected or waits.'],
  announced: [(bags: number, orders: number) => `预告 ${bags} 袋，${orders} 单`, (bags: number, orders: number) => `${bags === 1 ? '1 bag' : `${bags} bags`} of ${orders === 1 ? '1 order' : `${orders} orders`} announced`],
  arrived: ['车到了', 'Arrived'],
  allHere: ['全部到齐', 'All here'],
  missing: ['有缺件', 'Something is missing'],
  back: ['返回', 'Back'],
  expected: [(t: string) => `预计 ${t}`, (t: string) => `expected ${t}`],
  here: [(t: string) => `${t} 到`, (t: string) => `here since ${t}`],
  late: ['晚点', 'late'],
  today: ['今天的车', "Today's trucks"],
  toSend: ['待发送', 'to send'],
  counted: [(n: number, missing: number) => `已清点 ${n} 袋，缺 ${missing}`, (n: number, missing: number) => `${n === 1 ? '1 bag' : `${n} bags`} counted, ${missing} missing`],
  kept: [(t: string) => `以下为 ${t} 的情况`, (t: string) => `As of ${t}`],
  noList: ['此车的清单尚未载入，需要网络。', 'The list of this truck is not loaded; it needs the network.'],
  loading: ['正在载入…', 'Loading…'],
  recent: ['刚才', 'Recently'],
  open: ['打开', 'Open'],
});

const stateWords: Readonly<Record<string, Text>> = {
  ANNOUNCED: ['已预告', 'Announced'], ARRIVED: ['已到门口', 'Here'], RECEIVED: ['已清点', 'Counted'], CANCELLED: ['不来了', 'Called off'],
};

type Detail = { truck: string; state: 'ARRIVED' | 'RECEIVED' | null };
const moment = 1_500; // ms until the newest state has arrived after an answer

export function GatePage() {
  return (
    <Frame title={['门口收货', 'Gate desk']} class="large gate">
      <SignedIn page="gate"><InCommunity>{(id) => <Gate community={id} />}</InCommunity></SignedIn>
    </Frame>
  );
}

/** A truck's state with what was done on this device since the server said how it is. A count of which one order is refused did nothing. */
function stateOf(t: Truck, done: readonly Act[], at: number): string {
  const after = done.filter((a) => a.page === 'gate' && !a.refusals.some((r) => r) && (a.detail as Detail).truck === t.id && (open(a) || at < a.answeredAt! + moment));
  return after.map((a) => (a.detail as Detail).state).filter((s) => s !== null).at(-1) ?? t.state;
}

const waits = (t: { state: string }) => t.state === 'ANNOUNCED' || t.state === 'ARRIVED';
const kept = (truck: string) => lastOf<readonly Row[]>(`truck ${truck}`);

function Gate({ community }: { community: string }) {
  const lastTrucks = lastOf<readonly Truck[]>(`trucks ${community}`);
  const live = useLive(trucks, { communityId: community });
  const data = live.value.data?.arrivals;
  useEffect(() => {
    if (!data) return;
    heardOf(`trucks ${community}`, data);
    forgetAllBut(community, data.filter(waits).map((t) => t.id));
    // The lists of the trucks that come are kept, so that they can be counted without a network.
    for (const t of data.filter(waits).slice(0, 12)) {
      void ask(truckList, { arrivalId: t.id }).then((d) => heardOf(`truck ${t.id}`, d.arrivalList), () => {});
    }
  }, [data]);
  const known = lastTrucks.value;
  const all = (known?.value ?? []).map((t) => ({ ...t, state: stateOf(t, acts.value, known!.at) }));
  const opened = openedIn(community);
  const next = all.find((t) => t.id === opened && waits(t)) ?? all.find((t) => t.state === 'ARRIVED') ?? all.find((t) => t.state === 'ANNOUNCED');
  return (
    <div class="stack">
      {live.value.error && <p class="note bad" role="alert">{live.value.error}</p>}
      <Cards />
      {!known && <p role="status">{w.loading}</p>}
      {known && !data && <p class="faint">{w.kept(when(known.at))}</p>}
      {known && !next && <h2>{w.none}</h2>}
      {next && <Next key={`${next.id} ${next.state}`} community={community} truck={next} />}
      {next?.state === 'ARRIVED' && <StrayForm community={community} truck={next.id} />}
      <Unannounced community={community} />
      <section class="stack">
        <h2>{w.today}</h2>
        <ul class="stack" id="trucks">
          {all.map((t) => (
            <li key={t.id} class="row">
              <b>{said(stateWords[t.state], t.state)}</b> <span>#{t.number} {t.supplier?.name}</span> {t.late && t.state === 'ANNOUNCED' && <b class="refused">{w.late}</b>}
              <span class="faint">{t.state === 'RECEIVED' ? w.counted(t.bagsReceived + t.bagsStray, t.bagsMissing) : t.slotAt ? w.expected(clock(t.slotAt)) : ''}</span>
              {waits(t) && t.id !== next?.id && <button class="open" data-number={t.number} onClick={() => openTruck(community, t.id)}>{w.open}<span class="aside"> #{t.number}</span></button>}
            </li>
          ))}
        </ul>
      </section>
      <Recent />
    </div>
  );
}

function Next({ community, truck: t }: { community: string; truck: Omit<Truck, 'state'> & { state: string } }) {
  const begun = useSignal(false);
  const rows = kept(t.id).value?.value;
  const entries = entriesOf(community, t.id);
  const differ = rows ? sumsOf(rows, entries).orders : 0;
  const counting = begun.value || differ > 0;
  const begin = () => {
    begun.value = true;
    openTruck(community, t.id);
  };
  const name = `#${t.number} ${t.supplier?.name ?? ''}`;
  const count = (orders: Listed[], parts: Text[], differs: Text | null) => void add(receive, {
    page: 'gate', input: { arrivalId: t.id, allButListed: true, complete: true, orders },
    says: differs ? [`${name}：${differs[0]}`, `${name}: ${differs[1]}`] : [`${name} 全部到齐`, `${name}: all here`], parts,
    detail: { truck: t.id, state: 'RECEIVED' } satisfies Detail,
  });
  return (
    <section class="next stack" aria-label={w.next}>
      <h2>{t.supplier?.name} <span class="faint">#{t.number}</span></h2>
      <p class="bags">{w.announced(t.bagsAnnounced, t.orders)}</p>
      <p>{said(stateWords[t.state], t.state)} · {t.arrivedAt ? w.here(when(t.arrivedAt)) : t.expectedAt ? w.expected(when(t.expectedAt)) : ''} {t.vehicle && `· ${t.vehicle}`}</p>
      {t.state === 'ANNOUNCED' && (
        <button id="arrived" class="main" onClick={() => {
          openTruck(community, t.id);
          void add(arrive, { page: 'gate', input: { arrivalId: t.id }, says: [`${name} 到了`, `${name} arrived`], detail: { truck: t.id, state: 'ARRIVED' } satisfies Detail });
        }}>{w.arrived}</button>
      )}
      {t.state === 'ARRIVED' && !counting && (
        <p class="row two">
          <button id="all" class="main" onClick={() => count([], [], null)}>{w.allHere}</button>
          <button id="some" onClick={begin}>{w.missing}</button>
        </p>
      )}
      {t.state === 'ANNOUNCED' && rows && <List rows={rows} />}
      {t.state === 'ARRIVED' && rows && <Count community={community} truck={t.id} rows={rows} entries={entries} counting={counting} begin={begin} count={count} />}
      {counting && !rows && <p class="note warn">{w.noList}</p>}
      {counting && differ === 0 && <p><button onClick={() => (begun.value = false)}>{w.back}</button></p>}
    </section>
  );
}

function Recent() {
  const mine = acts.value.filter((a) => a.page === 'gate' && a.state !== 'refused').slice(-10).reverse();
  if (mine.length === 0) return null;
  return (
    <section class="stack" id="recent">
      <h2>{w.recent}</h2>
      <ul>{mine.map((a) => <li key={a.seq}>{said(a.says)} <span class="faint">{clock(estateOf(a.at))} {open(a) ? `· ${w.toSend}` : ''}{a.answer?.['results'] ? strayNumbers(a) : ''}</span></li>)}</ul>
    </section>
  );
}

const strayNumbers = (a: Act) => (a.answer!['results'] as { stray?: { number: number } | null }[]).map((r) => (r.stray ? `· №${r.stray.number}` : '')).join(' ');
