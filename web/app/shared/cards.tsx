import { said, words } from './language';
import { type Act, dismiss, foreign, refused, type Refusal, trouble } from './outbox';
import { roles, stages } from './terms';
import { clock } from './time';

const w = words({
  refused: ['未办成', 'Not done'],
  meanwhile: [(who: string, stage: string, at: string) => `${who}已于 ${at} 将其改为“${stage}”。`, (who: string, stage: string, at: string) => `${who} moved it to “${stage}” at ${at}.`],
  delivered: [(who: string, at: string) => `${who}已于 ${at} 送达。`, (who: string, at: string) => `${who} delivered it at ${at}.`],
  ok: ['知道了', 'Understood'],
  full: ['手机存储已满，无法保存。请保持此页打开，直到全部发出。', 'The storage of this phone is full. Keep this page open until everything is sent.'],
  none: ['此浏览器不能保存数据（可能是无痕模式）。请保持此页打开，直到全部发出。', 'This browser cannot keep data, perhaps in a private window. Keep this page open until everything is sent.'],
  many: ['待发送的太多，刚才的操作未记录。请到有网络的地方等待发送。', 'Too much waits to be sent; the last act was not recorded. Go where there is a network and wait.'],
  foreign: [(n: number) => `此手机上另有 ${n} 条属于其他账号，等其登录后发送。`, (n: number) => `${n} more on this phone belong to another account and are sent when it signs in.`],
});

const person = (by: NonNullable<Refusal['by']>) => by.name ?? said(roles[by.role], by.role);

/** What happened meanwhile, in one sentence. */
function meanwhile({ by, stage, movedAt }: Refusal): string | null {
  if (!by || !stage || !movedAt) return null;
  return stage === 'DELIVERED' ? w.delivered(person(by), clock(movedAt)) : w.meanwhile(person(by), said(stages[stage], stage), clock(movedAt));
}

function Card({ act }: { act: Act }) {
  return (
    <li class="note bad stack card">
      <p><b>{w.refused}</b>{act.refusals.length < 2 ? `: ${said(act.says)}` : ''}</p>
      <ul class="stack">
        {act.refusals.map((r, i) => r && (
          <li key={i}>
            {act.parts[i] && <b>{said(act.parts[i])} </b>}
            <span>{r.message}</span> <span>{meanwhile(r)}</span>
          </li>
        ))}
      </ul>
      <p><button onClick={() => void dismiss(act)}>{w.ok}</button></p>
    </li>
  );
}

/** The cards of refused acts, and what the person must know about the outbox. */
export function Cards() {
  return (
    <div class="stack" aria-live="polite" id="cards">
      {trouble.value && <p class="note warn" id="trouble">{w[trouble.value]}</p>}
      {foreign.value > 0 && <p class="note warn">{w.foreign(foreign.value)}</p>}
      {refused.value.length > 0 && <ul class="stack">{refused.value.map((a) => <Card key={a.seq} act={a} />)}</ul>}
    </div>
  );
}
