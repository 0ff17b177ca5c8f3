import './cards.css';

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { act, ask } from '../shared/api';
import { CommunityChoice, useCommunity } from '../shared/choice';
import { words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { pagesOf } from '../shared/pagesof';
import { type Slip, Slips, UnprintedWarning, useUnprinted } from '../shared/slips';
import { newKey } from '../shared/store';
import { buildings, carded, households, issue } from './operations';

const w = words({
  building: ['楼栋', 'Building'],
  choose: ['请选择楼栋', 'Choose a building'],
  noBuildings: ['该小区还没有楼栋。', 'This community has no building yet.'],
  rooms: ['房间', 'Rooms'],
  all: [(n: number) => `全部 ${n} 户`, (n: number) => (n === 1 ? 'The 1 household' : `All ${n} households`)],
  some: ['只选几户（邻居的卡不受影响）', 'Only some rooms (the neighbours keep their cards)'],
  warningAll: ['发卡后，该楼栋的旧卡立即失效，用旧卡登录的住户将被退出。', 'The building’s old cards end at once, and residents who signed in with them are signed out.'],
  warningSome: [(n: number) => `发卡后，所选 ${n} 户的旧卡立即失效，用旧卡登录的住户将被退出。`, (n: number) => `The old cards of the ${n === 1 ? 'chosen household' : `${n} chosen households`} end at once, and residents who signed in with them are signed out.`],
  know: ['我已知晓', 'I know'],
  issue: [(n: number) => `发 ${n} 张卡`, (n: number) => (n === 1 ? 'Issue 1 card' : `Issue ${n} cards`)],
  working: ['正在发卡…', 'Issuing…'],
});

export function CardsPage() {
  return (
    <Frame title={['住户卡', 'Household cards']}>
      <SignedIn page="cards"><Cards /></SignedIn>
    </Frame>
  );
}

type Home = { id: string; address: string };

function Cards() {
  const community = useCommunity();
  const name = useSignal('');
  const list = useSignal<{ id: string; code: string }[] | null>(null);
  const building = useSignal('');
  const homes = useSignal<Home[]>([]);
  const picked = useSignal<string[] | null>(null); // null: the whole building
  const old = useSignal(true); // some of the building's households have had a card
  const sure = useSignal(false);
  const slips = useSignal<Slip[]>([]);
  const unprinted = useUnprinted();
  const asking = useSignal(false);
  const busy = useSignal(false);
  const problems = useSignal<string[]>([]);
  const attempt = useSignal({ of: '', key: '' }).value; // the key of a call without an answer is used again

  useEffect(() => {
    list.value = null;
    building.value = '';
    if (!community.value) return;
    const of = community.value;
    void pagesOf(async (after) => {
      const got = await ask(buildings, { community: of, after });
      name.value = got.community?.name ?? '';
      return got.buildings;
    }).then((all) => {
      if (community.value !== of) return;
      list.value = all;
      if (all.length === 1) void choose(all[0]!.id);
    }, (e: Error) => (problems.value = [e.message]));
  }, [community.value]);

  async function choose(id: string) {
    building.value = id;
    homes.value = [];
    picked.value = null;
    sure.value = false;
    old.value = true;
    if (!id) return;
    const all = await pagesOf(async (after) => (await ask(households, { community: community.value!, building: id, after })).households).catch((e: Error) => {
      problems.value = [e.message];
      return [];
    });
    const had = all.length === 0 || (await ask(carded, { community: community.value!, homes: all.slice(0, 1000).map((h) => h.id) }).then((got) => got.codes.totalCount > 0, () => true));
    if (building.value !== id) return;
    old.value = had;
    homes.value = all;
  }

  async function send() {
    const chosen = picked.value;
    const input = chosen ? { householdIds: chosen } : { buildingId: building.value };
    const of = JSON.stringify(input);
    if (attempt.of !== of) Object.assign(attempt, { of, key: newKey() });
    busy.value = true;
    asking.value = false;
    problems.value = [];
    try {
      const { issueCards: got } = await act(issue, { input: { ...input, clientMutationId: attempt.key } });
      attempt.of = '';
      const address = new Map(homes.value.map((h) => [h.id, h.address]));
      problems.value = [...got.userErrors.map((e) => e.message), ...got.results.flatMap((r) => r.userErrors.map((e) => `${address.get(r.subjectId)}: ${e.message}`))];
      if (got.userErrors.length === 0) {
        slips.value = got.results.filter((r) => r.secret).map((r) => ({ id: r.subjectId, whose: address.get(r.subjectId) ?? '', secret: r.secret!, url: r.url!, qr: r.qr!, expiresAt: r.expiresAt }));
        unprinted.value = slips.value.length > 0;
        old.value = true;
      }
    } catch (e) {
      problems.value = [(e as Error).message];
    } finally {
      busy.value = sure.value = false;
    }
  }

  const count = picked.value?.length ?? homes.value.length;
  return (
    <div class="stack">
      <div id="said" role="alert" class="noprint">{problems.value.map((p) => <p key={p} class="refused">{p}</p>)}</div>
      <CommunityChoice chosen={community} />
      {list.value?.length === 0 && <p class="noprint">{w.noBuildings}</p>}
      {list.value && list.value.length > 0 && (
        <form id="form" class="stack noprint" onSubmit={(e) => {
          e.preventDefault();
          if (unprinted.value) asking.value = true;
          else void send();
        }}>
          <label for="building">{w.building}</label>
          <select id="building" required value={building} onChange={(e) => void choose(e.currentTarget.value)}>
            <option value="">{w.choose}</option>
            {list.value.map((b) => <option key={b.id} value={b.id}>{b.code}</option>)}
          </select>
          {homes.value.length > 0 && (
            <>
              <div role="radiogroup" aria-label={w.rooms} class="stack">
                <label class="choice"><input type="radio" name="rooms" checked={!picked.value} onChange={() => (picked.value = null)} />{w.all(homes.value.length)}</label>
                <label class="choice"><input type="radio" name="rooms" id="some" checked={!!picked.value} onChange={() => (picked.value = [])} />{w.some}</label>
              </div>
              {picked.value && (
                <div id="rooms">
                  {homes.value.map((h) => (
                    <label key={h.id} class="choice"><input type="checkbox" value={h.id} checked={picked.value!.includes(h.id)} onChange={(e) => {
                      const on = e.currentTarget.checked;
                      picked.value = homes.value.map((x) => x.id).filter((x) => (x === h.id ? on : picked.value!.includes(x)));
                    }} />{h.address}</label>
                  ))}
                </div>
              )}
              {old.value && (
                <>
                  <p class="note warn" id="warning">{picked.value ? w.warningSome(count) : w.warningAll}</p>
                  <label class="choice"><input type="checkbox" id="sure" required checked={sure} onChange={(e) => (sure.value = e.currentTarget.checked)} />{w.know}</label>
                </>
              )}
              <p><button id="issue" class="main" disabled={busy.value || count === 0}>{busy.value ? w.working : w.issue(count)}</button></p>
            </>
          )}
        </form>
      )}
      {asking.value && <UnprintedWarning goOn={send} />}
      <Slips slips={slips.value} community={name.value} kind={['保供住户卡', 'Household card']} unprinted={unprinted.value} />
    </div>
  );
}
