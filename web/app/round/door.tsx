import { useSignal } from '@preact/signals';

import { said, type Text, words } from '../shared/language';
import { shrink } from '../shared/photo';
import { marks } from '../shared/terms';
import { CallHousehold } from './contact';
import type { Door } from './doors';
import { deliver, type Errand, fail, type Proof, type Reason } from './state';

const w = words({
  bags: [(n: number) => `${n} 袋`, (n: number) => (n === 1 ? '1 bag' : `${n} bags`)],
  room: [(r: string) => `${r} 室`, (r: string) => `Room ${r}`],
  last: [(d: string) => `尾号 ${d}`, (d: string) => `phone …${d}`],
  handed: ['已送达', 'Handed over'],
  notOpened: ['没开门', 'Door not opened'],
  more: ['货品与电话', 'Goods and phone'],
  held: ['暂停派送，请勿送出。', 'On hold: do not hand over.'],
  prove: ['需要凭证，任选一种：', 'A proof is needed, one of these:'],
  photo: ['拍照', 'Take a photo'],
  code: ['住户说的四位口令', 'The four digits that the household says'],
  useCode: ['口令送达', 'Hand over with the digits'],
  fourDigits: ['请填写四位数字。', 'Type four digits.'],
  resident: ['住户已在手机上确认', 'The household has confirmed on its phone'],
  counted: ['队员确认', 'I confirm it'],
  answer: ['办得如何（告诉住户）', 'How the errand went (the household reads it)'],
  documents: ['证件已全部归还', 'All documents are back'],
  why: ['为什么没送到？', 'Why was it not delivered?'],
  note: ['住户留言：', 'The household says:'],
});

const instructionWords: Readonly<Record<string, readonly [icon: string, zh: string, en: string]>> = {
  LEAVE_AT_DOOR_STEP_BACK: ['⇤', '放门口，后退两米', 'Leave at the door, step back'],
  KNOCK_AND_WAIT: ['◷', '敲门，多等一会儿', 'Knock and wait'],
  CARRY_TO_KITCHEN: ['⌂', '搬进屋里', 'Carry inside'],
  CALL_BEFORE: ['☏', '先打电话', 'Call before'],
  DO_NOT_RING: ['⊘', '别按门铃，轻敲', 'Do not ring, knock softly'],
  HAND_OVER_IN_PERSON: ['⇄', '当面交到手里', 'Hand over in person'],
};
const instruction = (i: string): Text => (instructionWords[i] ? [instructionWords[i][1], instructionWords[i][2]] : [i, i]);

export const reasons = {
  ABSENT: ['家中无人', 'not at home'],
  NO_ACCESS: ['进不去', 'no access'],
  REFUSED: ['拒收', 'refused'],
  UNREACHABLE: ['联系不上', 'no answer'],
} as const satisfies Record<Reason, Text>;

const roomOf = (d: Door) => d.orders[0]?.household?.room ?? d.address;
const lastDigits = (d: Door) => d.orders[0]?.label.split(' · ')[1] ?? '';
const marksOf = (d: Door) => [...new Set(d.orders.flatMap((o) => o.marks))];

/** A door as one sentence, as a screen reader reads it. */
function sentence(d: Door): string {
  const digits = lastDigits(d);
  return [w.room(roomOf(d)), w.bags(d.bags), ...marksOf(d).map((m) => said(marks[m], m)), ...d.instructions.map((i) => said(instruction(i))), ...(digits ? [w.last(digits)] : [])]
    .join(said(['，', ', ']));
}

/** A door of the round with all its bags. */
export function DoorCard({ door }: { door: Door }) {
  const panel = useSignal<'proof' | 'fail' | 'more' | null>(null);
  const toggle = (p: 'proof' | 'fail' | 'more') => (panel.value = panel.value === p ? null : p);
  const errand = door.orders.some((o) => o.channel === 'ERRAND');
  const plain = door.proofs.includes('ATTESTED') && !errand;
  const held = door.orders.some((o) => o.held);
  const name = `door-${door.address}`; // buttons of all doors say the same
  return (
    <li class="door stack" data-address={door.address}>
      <h4 id={name} aria-label={sentence(door)}>
        <span class="room" aria-hidden="true">{roomOf(door)}</span>
        <span class="bags" aria-hidden="true">{w.bags(door.bags)}</span>
      </h4>
      <ul class="row facts" aria-hidden="true">
        {door.instructions.map((i) => <li key={i}><span class="icon">{instructionWords[i]?.[0]}</span> {said(instruction(i))}</li>)}
        {marksOf(door).map((m) => <li key={m} class="mark">{said(marks[m], m)}</li>)}
        {lastDigits(door) && <li>{w.last(lastDigits(door))}</li>}
      </ul>
      {held && <p class="note warn">{w.held}</p>}
      <div class="row acts">
        <button class="main handed" aria-describedby={name} disabled={held} aria-expanded={plain ? undefined : panel.value === 'proof'} onClick={() => (plain ? void deliver([door], { kind: 'ATTESTED' }) : toggle('proof'))}>{w.handed}</button>
        <button class="failed" aria-describedby={name} disabled={held} aria-expanded={panel.value === 'fail'} onClick={() => toggle('fail')}>{w.notOpened}</button>
        <button class="more" aria-describedby={name} aria-expanded={panel.value === 'more'} onClick={() => toggle('more')}>{w.more}</button>
      </div>
      {panel.value === 'proof' && <Proofs door={door} errand={errand} />}
      {panel.value === 'fail' && (
        <div class="stack" role="group" aria-label={w.why}>
          <p>{w.why}</p>
          <div class="row">{(Object.keys(reasons) as Reason[]).map((r) => <button key={r} data-reason={r} onClick={() => void fail(door, r, reasons[r])}>{said(reasons[r])}</button>)}</div>
        </div>
      )}
      {panel.value === 'more' && <More door={door} />}
    </li>
  );
}

/** The ways to hand a door over; an errand has an answer too. */
export function Proofs({ door, errand }: { door: Door; errand: boolean }) {
  const code = useSignal('');
  const wrong = useSignal(false);
  const answer = useSignal('');
  const documents = useSignal(false);
  const give = (p: Proof) => void deliver([door], p, errand ? ({ answer: answer.value, documentsReturned: documents.value } satisfies Errand) : null);
  const takes = (p: string) => door.proofs.includes(p);
  const id = door.address;
  return (
    <div class="stack proofs">
      {errand && <>
        <label for={`answer-${id}`}>{w.answer}</label>
        <textarea id={`answer-${id}`} maxLength={500} rows={2} value={answer} onInput={(e) => (answer.value = e.currentTarget.value)} />
        <label class="row"><input type="checkbox" checked={documents} onInput={(e) => (documents.value = e.currentTarget.checked)} />{w.documents}</label>
      </>}
      <p>{w.prove}</p>
      {takes('ATTESTED') && <button class="main" onClick={() => give({ kind: 'ATTESTED' })}>{w.counted}</button>}
      {takes('PHOTO') && (
        <label class="button">{w.photo}
          <input class="aside" type="file" accept="image/*" capture="environment" onChange={(e) => {
            const file = e.currentTarget.files?.[0];
            if (file) void shrink(file).then((photo) => give({ kind: 'PHOTO', photo }));
          }} />
        </label>
      )}
      {takes('CODE') && (
        <form class="stack" onSubmit={(e) => {
          e.preventDefault();
          wrong.value = !/^\d{4}$/.test(code.value);
          if (!wrong.value) give({ kind: 'CODE', code: code.value });
        }}>
          <label for={`code-${id}`}>{w.code}</label>
          <input id={`code-${id}`} inputMode="numeric" autocomplete="off" maxLength={4} value={code} aria-invalid={wrong.value} onInput={(e) => (code.value = e.currentTarget.value.trim())} />
          {wrong.value && <p class="refused" role="alert">{w.fourDigits}</p>}
          <button>{w.useCode}</button>
        </form>
      )}
      {takes('RESIDENT') && <button onClick={() => give({ kind: 'RESIDENT' })}>{w.resident}</button>}
    </div>
  );
}

function More({ door }: { door: Door }) {
  return (
    <div class="stack">
      {door.orders.map((o) => (
        <div key={o.id}>
          <p class="faint">#{o.number} · {w.bags(o.bags)}</p>
          <ul>{o.lines.map((l) => <li key={l.position}>{l.item} × {l.quantity} {l.unit}</li>)}</ul>
          {o.note && <p><b>{w.note}</b> {o.note}</p>}
        </div>
      ))}
      <CallHousehold door={door} />
    </div>
  );
}
