import { useEffect } from 'preact/hooks';

import { address } from '../shared/address';
import { useRead } from '../shared/api';
import { stale } from '../shared/connection';
import { words } from '../shared/language';
import { Connection, Frame, SignedIn } from '../shared/page';
import { clock, zone } from '../shared/time';
import { me } from '../shared/viewer';
import { Suggestions, suggestionsName, Uncovered } from './assign';
import { Duty, Incidents, Ticker, Trucks } from './beside';
import { BuildingPanel } from './building';
import { communitiesQuery } from './operations';
import { OrderPanel } from './order';
import { Orders } from './orders';
import { Panel } from './panel';
import { building, chosen, closed, linkTo, open, order, shown, to, truck, wall } from './place';
import { type State, type Sums, useBoard } from './state';
import { Numbers, Tiles, showName } from './tiles';
import { Throughput } from './throughput';
import { TruckPanel } from './truck';

const w = words({
  done: [(n: string, of: string) => `${of} 单，入户 ${n} 单`, (n: string, of: string) => `${n} of ${of} at the door`],
  behind: [(n: number) => `比计划慢 ${n} 分钟`, (n: number) => `${n} min behind`],
  ahead: [(n: number) => `比计划快 ${n} 分钟`, (n: number) => `${n} min ahead`],
  onTime: ['按计划进行', 'on time'],
  another: [(n: number) => `另有 ${n} 单未完成`, (n: number) => (n === 1 ? '1 more is open' : `${n} more are open`)],
  by: [(t: string) => `预计 ${t} 前全部入户`, (t: string) => `all by about ${t}`],
  uncovered: [(n: number) => `${n} 栋楼无队员`, (n: number) => (n === 1 ? '1 building without a volunteer' : `${n} buildings without a volunteer`)],
  old: [(t: string) => `连接中断：以下是 ${t} 的情况`, (t: string) => `No connection: this is the state of ${t}`],
  loading: ['正在载入…', 'Loading…'],
  choose: ['小区', 'Community'],
  none: ['还没有小区。', 'There is no community yet.'],
  setUp: ['新建小区', 'Set one up'],
  hang: ['大屏模式', 'Wall mode'],
  orders: ['订单', 'Orders'],
});

const title = ['指挥台', 'Board'] as const;

export function BoardPage() {
  useEffect(() => {
    if (wall.value) document.documentElement.dataset['theme'] = 'dark';
    else delete document.documentElement.dataset['theme'];
  }, [wall.value]);
  if (wall.value) return <Wall />;
  return (
    <Frame title={title} class="board">
      <SignedIn page="board"><Chosen>{(id) => <Desk key={id} community={id} />}</Chosen></SignedIn>
    </Frame>
  );
}

/** The community of the person. An administrator, who belongs to none, chooses one first. */
function Chosen({ children }: { children: (id: string) => preact.JSX.Element }) {
  const own = me.value?.community;
  if (own) return children(own.id);
  return <Choice>{children}</Choice>;
}

function Choice({ children }: { children: (id: string) => preact.JSX.Element }) {
  const { data, error } = useRead(communitiesQuery, {}).value;
  const list = data?.communities.nodes.filter((c) => !c.archivedAt);
  const now = list?.find((c) => c.id === chosen.value) ?? (list?.length === 1 ? list[0] : undefined);
  useEffect(() => {
    if (now) zone.value = now.timeZone;
  }, [now?.id]);
  if (error && !list) return <p class="note bad" role="alert">{error}</p>;
  if (!list) return <p role="status">{w.loading}</p>;
  if (list.length === 0) return <p class="row"><span>{w.none}</span> {me.value?.role === 'ADMIN' && <a class="button main" id="set-up" href={address('setup')}>{w.setUp}</a>}</p>;
  return (
    <>
      {list.length > 1 && !wall.value && (
        <p class="row choice"><label for="community">{w.choose}</label>
          <select id="community" value={now?.id ?? ''} onChange={(e) => to({ ...closed, community: e.currentTarget.value })}>
            {!now && <option value="" disabled />}
            {list.map((c) => <option key={c.id} value={c.id}>{c.name} · {c.code}</option>)}
          </select>
        </p>
      )}
      {now && children(now.id)}
    </>
  );
}

function Desk({ community }: { community: string }) {
  const state = useBoard(community);
  const sums = state.sums.value;
  if (state.refused.value) return <p class="note bad" role="alert">{state.refused}</p>;
  if (!sums) return <p role="status">{w.loading}</p>;
  return (
    <div class={`${stale.value ? 'stale ' : ''}${open.value ? 'opened' : ''}`} id="board">
      <div class="whole stack">
        <Old sums={sums} />
        <div class="row sentence"><Sentence sums={sums} /><a {...linkTo({ ...closed, wall: '' })}>{w.hang}</a></div>
        <Numbers sums={sums} />
        <Tiles state={state} />
      </div>
      <div class="beside stack">
        {open.value ? <Opened community={community} state={state} /> : (
          <>
            <Incidents state={state} />
            <Uncovered state={state} />
            <Trucks state={state} />
            <Duty sums={sums} />
            <Throughput community={community} />
            <Ticker state={state} />
          </>
        )}
      </div>
    </div>
  );
}

/** What is open: an order, a truck, a building or the orders behind a number. */
function Opened({ community, state }: { community: string; state: State }) {
  if (order.value) return <OrderPanel id={order.value} state={state} shuts={{ order: null }} />;
  if (truck.value) return <TruckPanel id={truck.value} state={state} />;
  if (building.value) return <BuildingPanel community={community} id={building.value} state={state} />;
  if (shown.value === 'assignments') return <Panel id="assignments" title={suggestionsName()} shuts={closed}><Suggestions community={community} version={`${state.sums.value!.uncovered}`} /></Panel>;
  const { at: _, ...numbers } = state.sums.value!;
  return <Panel id={shown.value!} title={showName(shown.value!)} shuts={closed}><Orders community={community} show={shown.value!} buildingId={null} version={JSON.stringify(numbers)} /></Panel>;
}

const near = 2; // minutes from the plan that are said to be on time

/** How far the day is from its plan, in words. */
function pace(behind: number): string {
  if (Math.abs(behind) <= near) return w.onTime;
  return behind > 0 ? w.behind(behind) : w.ahead(-behind);
}

/** Where the day stands, in one sentence. */
function Sentence({ sums: s }: { sums: Sums }) {
  const n = (x: number) => x.toLocaleString('en');
  const known = s.deliveredToday + s.open;
  const today = s.plan?.expectedOrders ?? known;
  return (
    <p class="says" id="sentence">
      <b>{w.done(n(s.deliveredToday), n(today))}</b>
      {s.plan?.behindMinutes != null && <span id="pace"> · {pace(s.plan.behindMinutes)}</span>}
      {s.expectedClearAt && <span> · {w.by(clock(s.expectedClearAt))}</span>}
      {known > today && <span class="faint"> · {w.another(known - today)}</span>}
      {s.uncovered > 0 && <span class="refused"> · {w.uncovered(s.uncovered)}</span>}
    </p>
  );
}

/** Says that the state shown is old, and of when. */
function Old({ sums }: { sums: Sums }) {
  return stale.value ? <p class="note bad" role="status" id="old">{w.old(clock(sums.at))}</p> : null;
}

/** The board on a wall: dark, without controls, kept awake. */
function Wall() {
  useEffect(() => keepAwake(), []);
  return (
    <div class="wall">
      <SignedIn page="board"><Chosen>{(id) => <Hung key={id} community={id} />}</Chosen></SignedIn>
    </div>
  );
}

function Hung({ community }: { community: string }) {
  const state = useBoard(community);
  const sums = state.sums.value;
  if (state.refused.value) return <p class="note bad" role="alert">{state.refused}</p>;
  if (!sums) return <p role="status">{w.loading}</p>;
  return (
    <main class={stale.value ? 'stale' : ''} id="board">
      <header><h1><Sentence sums={sums} /></h1><Connection /></header>
      <div class="whole"><Numbers sums={sums} /><Tiles state={state} /></div>
      <div class="beside"><Incidents state={state} /><Trucks state={state} /><Duty sums={sums} /><Throughput community={community} /><Ticker state={state} /></div>
      <Old sums={sums} />
    </main>
  );
}

// keepAwake holds the screen on while the page is visible, where the browser can.
function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  const ask = () => {
    if (document.hidden) return;
    void navigator.wakeLock?.request('screen').then((l) => (lock = l), () => {}); // refused to save power
  };
  ask();
  document.addEventListener('visibilitychange', ask);
  return () => {
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  };
}
