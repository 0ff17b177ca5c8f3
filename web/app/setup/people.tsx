import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { act, ask } from '../shared/api';
import type { graphql } from '../shared/graphql';
import { said, type Text, words } from '../shared/language';
import { pagesOf } from '../shared/pagesof';
import { type Slip, Slips, UnprintedWarning, useUnprinted } from '../shared/slips';
import { newKey } from '../shared/store';
import { invite, invited, people, type Person, shops } from './operations';

const w = words({
  title: ['2. 邀请队员和商超', '2. Invite the team and the suppliers'],
  why: ['每人一张邀请码，扫码登录一次，七天内有效。再次邀请会使旧码失效，并退出用它登录的手机。', 'One code for each: it is redeemed once, within seven days. Inviting again ends the old code and the sign-ins made with it.'],
  none: ['还没有队员和商超：请先导入表格。', 'There is no one to invite yet: import the spreadsheet first.'],
  chosen: ['选择', 'Chosen'], code: ['编号', 'Code'], name: ['姓名', 'Name'], squad: ['小分队', 'Squad'], buildings: ['楼栋', 'Buildings'],
  all: ['全选', 'All'],
  invite: [(n: number) => `邀请 ${n} 人并打印`, (n: number) => (n === 1 ? 'Invite 1 and print' : `Invite ${n} and print`)],
  supplier: ['商超', 'Supplier'],
  lead: ['队长', 'lead'], commander: ['指挥', 'commander'],
  working: ['正在生成…', 'Working…'],
});

type Squad = ReturnType<typeof graphql.scalar<'Squad'>>;
const squads: Record<Squad, Text> = { PERSUASION: ['劝导', 'Persuasion'], SUPPLY: ['保供', 'Supply'], TRANSPORT: ['运输', 'Transport'], DUTY: ['值守', 'Duty'], PATROL: ['巡查', 'Patrol'] };

type Row = { id: string; code: string; name: string; role: () => string; serves: string };
const rowOf = (p: Person): Row => ({
  id: p.id, code: p.code, name: p.name, serves: [...new Set(p.services.map((s) => s.building.code))].join(' '),
  role: () => said(squads[p.squad], p.squad) + (p.rank === 'LEAD' ? ` · ${w.lead}` : p.rank === 'COMMANDER' ? ` · ${w.commander}` : ''),
});

/** The team and the suppliers with their buildings, and their invitations as a sheet to cut up. */
export function PeopleStep({ community }: { community: string }) {
  const rows = useSignal<Row[] | null>(null);
  const name = useSignal('');
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const slips = useSignal<Slip[]>([]);
  const unprinted = useUnprinted();
  const asking = useSignal(false);
  const busy = useSignal(false);
  const problems = useSignal<string[]>([]);
  const attempt = useSignal({ of: '', key: '' }).value;

  useEffect(() => {
    void (async () => {
      const team = await pagesOf(async (after) => {
        const got = await ask(people, { community, after });
        name.value = got.community?.name ?? '';
        return got.volunteers;
      });
      const sellers = await pagesOf(async (after) => (await ask(shops, { community, after })).suppliers);
      const before = (await ask(invited, { community })).codes.totalCount;
      rows.value = [...team.map(rowOf), ...sellers.map((s) => ({ id: s.id, code: s.code, name: s.name, role: () => w.supplier, serves: '' }))];
      if (before === 0) chosen.value = new Set(rows.value.map((r) => r.id)); // the first day: all are invited at once
    })().catch((e: Error) => (problems.value = [e.message]));
  }, []);

  async function send() {
    const ids = rows.value!.map((r) => r.id).filter((id) => chosen.value.has(id)).slice(0, 1000);
    const of = ids.join();
    if (attempt.of !== of) Object.assign(attempt, { of, key: newKey() });
    busy.value = true;
    asking.value = false;
    problems.value = [];
    try {
      const { createInvitations: got } = await act(invite, { input: { clientMutationId: attempt.key, subjectIds: ids } });
      attempt.of = '';
      const of = new Map(rows.value!.map((r) => [r.id, r]));
      problems.value = [...got.userErrors.map((e) => e.message), ...got.results.flatMap((r) => r.userErrors.map((e) => `${of.get(r.subjectId)?.code}: ${e.message}`))];
      if (got.userErrors.length === 0) {
        slips.value = got.results.filter((r) => r.secret).map((r) => {
          const row = of.get(r.subjectId)!;
          return { id: r.subjectId, whose: `${row.code} · ${row.role()}${row.serves && ` · ${row.serves}`}`, secret: r.secret!, url: r.url!, qr: r.qr!, expiresAt: r.expiresAt };
        });
        unprinted.value = slips.value.length > 0;
        chosen.value = new Set();
      }
    } catch (e) {
      problems.value = [(e as Error).message];
    } finally {
      busy.value = false;
    }
  }

  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen.value);
    if (on) next.add(id);
    else next.delete(id);
    chosen.value = next;
  };
  const n = chosen.value.size;
  return (
    <section id="people">
      <h2 class="noprint">{w.title}</h2>
      <p class="noprint">{w.why}</p>
      {problems.value.map((p) => <p key={p} class="refused noprint" role="alert">{p}</p>)}
      {rows.value?.length === 0 && <p class="noprint">{w.none}</p>}
      {rows.value && rows.value.length > 0 && (
        <div class="stack noprint">
          <label class="choice"><input type="checkbox" id="all" checked={n === rows.value.length} onChange={(e) => (chosen.value = new Set(e.currentTarget.checked ? rows.value!.map((r) => r.id) : []))} />{w.all}</label>
          <div class="wide">
            <table>
              <thead><tr><th>{w.chosen}</th><th>{w.code}</th><th>{w.name}</th><th>{w.squad}</th><th>{w.buildings}</th></tr></thead>
              <tbody>
                {rows.value.map((r) => (
                  <tr key={r.id}>
                    <td><input type="checkbox" aria-label={r.code} checked={chosen.value.has(r.id)} onChange={(e) => toggle(r.id, e.currentTarget.checked)} /></td>
                    <td>{r.code}</td><td>{r.name}</td><td>{r.role()}</td><td>{r.serves}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p><button id="invite" class="main" disabled={n === 0 || busy.value} onClick={() => {
            if (unprinted.value) asking.value = true;
            else void send();
          }}>{busy.value ? w.working : w.invite(n)}</button></p>
        </div>
      )}
      {asking.value && <UnprintedWarning goOn={send} />}
      <Slips slips={slips.value} community={name.value} kind={['保供邀请码', 'Invitation']} unprinted={unprinted.value} />
    </section>
  );
}
