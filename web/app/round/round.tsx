import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { useLive, useRead } from '../shared/api';
import { CallDesk } from '../shared/calldesk';
import { Cards } from '../shared/cards';
import { said, words } from '../shared/language';
import { type Act, acts, open } from '../shared/outbox';
import { Frame, SignedIn } from '../shared/page';
import { clock, estateOf, estateTime, when, zone } from '../shared/time';
import { me } from '../shared/viewer';
import { CallRound } from './contact';
import { DoorCard } from './door';
import { type Door, runs } from './doors';
import { Drops } from './drops';
import { Errands } from './errands';
import { myRound, rules } from './operations';
import { deliver, finish, heard, last, newest, now, start, takeBack } from './state';

const w = words({
  loading: ['正在载入…', 'Loading…'],
  left: [(doors: number, bags: number) => `还有 ${doors} 户，${bags} 袋`, (doors: number, bags: number) => `${doors} ${doors === 1 ? 'door' : 'doors'} left, ${bags === 1 ? '1 bag' : `${bags} bags`}`],
  none: ['本轮全部送完，请结束本轮。', 'All doors are done. End the round.'],
  nothing: ['现在没有要送的。', 'Nothing to deliver now.'],
  kept: [(t: string) => `以下为 ${t} 的情况`, (t: string) => `As of ${t}`],
  floor: [(unit: string, f: number) => `${unit} 单元 · ${f} 层`, (unit: string, f: number) => `${unit} · floor ${f}`],
  wholeFloor: [(n: number) => `本层 ${n} 户全部送达`, (n: number) => `All ${n} doors of this floor handed over`],
  shelf: ['楼下待送', 'On the shelf'],
  take: [(unit: string, doors: number, bags: number) => `取 ${unit} 单元：${doors} 户 ${bags} 袋`, (unit: string, doors: number, bags: number) => `Take ${unit}: ${doors} ${doors === 1 ? 'door' : 'doors'}, ${bags === 1 ? '1 bag' : `${bags} bags`}`],
  quiet: [(from: string, until: string) => `现为静音时段（${from} 至 ${until}），仍要开始`, (from: string, until: string) => `It is quiet (${from} to ${until}); begin anyway`],
  end: ['结束本轮', 'End the round'],
  comesBack: [(n: number) => `还有 ${n} 户没送到，将退回楼下货架，记为“没来得及”。`, (n: number) => `${n} ${n === 1 ? 'door goes' : 'doors go'} back to the shelf as not reached.`],
  goOn: ['继续送', 'Go on'],
  done: [(n: number) => `已处理（${n}）`, (n: number) => `Done (${n})`],
  undo: ['撤回', 'Undo'],
  undone: ['已撤回', 'taken back'],
  toSend: ['待发送', 'to send'],
  sent: ['已发送', 'sent'],
});

export function RoundPage() {
  return (
    <Frame title={['上楼投递', 'My round']} class="narrow large round">
      <SignedIn page="round"><Round /></SignedIn>
    </Frame>
  );
}

function Round() {
  const community = me.value!.community!.id;
  const live = useLive(myRound, { communityId: community });
  const known = useRead(rules, { id: community });
  const data = live.value.data?.myRound;
  const here = known.value.data?.community;
  useEffect(() => {
    if (data) heard({ round: data.round, waiting: data.waiting, accepted: here?.acceptedProofs ?? last.value?.accepted ?? null, quiet: here ? (here.quietFrom && here.quietUntil ? [here.quietFrom, here.quietUntil] : null) : last.value?.quiet ?? null });
  }, [data, here]);
  const view = now.value;
  const bags = view.out.reduce((n, d) => n + d.bags, 0);
  return (
    <div class="stack">
      {live.value.error && <p class="note bad" role="alert">{live.value.error}</p>}
      <Cards />
      {!last.value && !live.value.error && <p role="status">{w.loading}</p>}
      {last.value && !data && <p class="faint">{w.kept(when(estateOf(last.value.at)))}</p>}
      {view.open && <h2 id="left" tabIndex={-1}>{view.out.length > 0 ? w.left(view.out.length, bags) : w.none}</h2>}
      {last.value && !view.open && view.shelf.length === 0 && <h2 id="left" tabIndex={-1}>{w.nothing}</h2>}
      {view.open && <CallRound />}
      <div id="doors" class="stack">{runs(view.out, (d) => `${d.unit} ${d.floor}`).map(([key, doors]) => <Floor key={key} doors={doors} />)}</div>
      {view.open && <End left={view.out.length} />}
      <Drops community={community} />
      <Shelf doors={view.shelf} quiet={last.value?.quiet ?? null} />
      <Errands community={community} />
      <Done />
      <CallDesk number={me.value!.community!.deskPhone} />
      {newest.value && <UndoBar act={newest.value} />}
    </div>
  );
}

function Floor({ doors }: { doors: Door[] }) {
  const plain = doors.filter((d) => d.proofs.includes('ATTESTED') && d.orders.every((o) => o.channel !== 'ERRAND' && !o.held));
  return (
    <section class="stack">
      <h3>{w.floor(doors[0]!.unit, doors[0]!.floor)}</h3>
      {plain.length > 1 && plain.length === doors.length && <button class="floor" onClick={() => void deliver(plain, { kind: 'ATTESTED' })}>{w.wholeFloor(plain.length)}</button>}
      <ul class="stack">{doors.map((d) => <DoorCard key={d.address} door={d} />)}</ul>
    </section>
  );
}

/** Reports whether it is quiet now, by the community's clock as far as this device knows it, or was when the server refused a round. The server decides. */
function quietNow([from, until]: [string, string]): boolean {
  const at = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone.value }).format(estateTime());
  if (acts.value.some((a) => a.page === 'round' && a.refusals.some((r) => r?.reason === 'QUIET_HOURS') && Date.now() - Date.parse(a.at) < 3_600_000)) return true;
  return from < until ? at >= from && at < until : at >= from || at < until;
}

function Shelf({ doors, quiet }: { doors: Door[]; quiet: [string, string] | null }) {
  const anyway = useSignal(false);
  if (doors.length === 0) return null;
  return (
    <section class="stack" id="shelf">
      <h2>{w.shelf}</h2>
      {quiet && quietNow(quiet) && <label class="row"><input type="checkbox" checked={anyway} onInput={(e) => (anyway.value = e.currentTarget.checked)} />{w.quiet(...quiet)}</label>}
      {runs(doors, (d) => d.unit).map(([unit, of]) => (
        <div key={unit} class="stack">
          <button class="main take" onClick={() => void start(of.filter((d) => d.orders.every((o) => !o.held)), anyway.value)}>{w.take(unit, of.length, of.reduce((n, d) => n + d.bags, 0))}</button>
        </div>
      ))}
    </section>
  );
}

function End({ left }: { left: number }) {
  const asking = useSignal(false);
  if (asking.value && left > 0) {
    return (
      <div class="note warn stack" role="alert">
        <p>{w.comesBack(left)}</p>
        <p class="row"><button id="end" class="danger" onClick={() => void finish()}>{w.end}</button><button onClick={() => (asking.value = false)}>{w.goOn}</button></p>
      </div>
    );
  }
  return <button id="end" class={left === 0 ? 'main' : ''} onClick={() => (left > 0 ? (asking.value = true) : void finish())}>{w.end}</button>;
}

function Done() {
  const { done } = now.value;
  if (done.length === 0) return null;
  return (
    <details id="done">
      <summary>{w.done(done.length)}</summary>
      <ul class="stack">
        {done.map(({ act, undone }) => (
          <li key={act.seq} class="row">
            <span>{said(act.says)} <span class="faint">{clock(estateOf(act.at))} · {undone ? w.undone : open(act) ? w.toSend : w.sent}</span></span>
            {!undone && <button onClick={() => void takeBack(act)}>{w.undo}</button>}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Offers for ten seconds to take the last act back; after that it stands under "done". */
function UndoBar({ act }: { act: Act }) {
  useEffect(() => {
    if (document.activeElement === document.body || !document.activeElement) document.getElementById('left')?.focus({ preventScroll: true });
  }, [act.seq]);
  return <p id="undo" class="row" role="status"><span>{said(act.says)}</span><button onClick={() => void takeBack(act)}>{w.undo}</button></p>;
}
