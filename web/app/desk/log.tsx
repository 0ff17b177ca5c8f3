import { useSignal } from '@preact/signals';

import { act } from '../shared/api';
import { said, words } from '../shared/language';
import { newKey, store } from '../shared/store';
import { HouseholdSearch } from './household';
import { log } from './operations';
import { kinds } from './words';

const w = words({
  title: ['有人打进来', 'Someone rings'],
  about: ['关于', 'About'],
  text: ['说了什么', 'What was said'],
  phone: ['回电号码（住户不明时）', 'Number to call back (if the household is not known)'],
  urgent: ['紧急（例如药品）', 'Urgent (such as medicine)'],
  answer: ['当场答复（不填则接手办理）', 'Answered at once (leave it empty to go on with the call)'],
  save: ['记下', 'Log the call'],
  change: ['换一户', 'Another household'],
  closed: [(n: number) => `#${n} 已记下并答复。`, (n: number) => `#${n} is logged and answered.`],
  waits: [(n: number) => `#${n} 已记下。`, (n: number) => `#${n} is logged.`],
});

const chosenKinds = ['ORDER', 'QUESTION', 'ERRAND', 'COMPLAINT', 'CALL_BACK'] as const;
/** What has been written about a call that rings. It survives a reload. */
type Fields = { key: string; household: { id: string; address: string } | null; kind: (typeof chosenKinds)[number]; text: string; phone: string; urgent: boolean; answer: string };
const empty: Fields = { key: '', household: null, kind: 'ORDER', text: '', phone: '', urgent: false, answer: '' };

/** Logs a call that comes in. Without an answer the member goes on with it. */
export function LogForm({ community, logged }: { community: string; logged: (text: () => string, waits: string | null) => void }) {
  const fields = useSignal<Fields>({ ...empty, key: newKey(), ...store.get<Fields>('desk-log') });
  const refused = useSignal<string | null>(null);
  const change = (next: Partial<Fields>) => {
    fields.value = { ...fields.value, ...next, key: newKey() }; // another input is another act
    try {
      store.set('desk-log', next === empty ? null : fields.value);
    } catch {
      // the storage is full; what is written stays until a reload
    }
  };

  async function save() {
    const f = fields.value;
    refused.value = null;
    try {
      const { logEnquiry: got } = await act(log, { input: {
        clientMutationId: f.key, communityId: community, kind: f.kind, way: 'PHONE', text: f.text.trim(), urgent: f.urgent, answer: f.answer.trim(),
        ...(f.household ? { householdId: f.household.id } : { phone: f.phone.trim() }),
      } });
      if (got.userErrors[0]) {
        refused.value = got.userErrors[0].message;
        return;
      }
      change(empty);
      const e = got.enquiry!;
      const { number, state } = e;
      logged(() => (state === 'CLOSED' ? w.closed(number) : w.waits(number)), e.state === 'WAITING' ? e.id : null);
    } catch (e) {
      refused.value = (e as Error).message;
    }
  }

  const f = fields.value;
  return (
    <form id="log" onSubmit={(e) => {
      e.preventDefault();
      void save();
    }}>
      <fieldset>
        <legend>{w.title}</legend>
        {f.household
          ? <p class="row"><b>{f.household.address}</b> <button type="button" onClick={() => change({ household: null })}>{w.change}</button></p>
          : (
            <>
              <HouseholdSearch chosen={(household) => change({ household })} />
              <label for="phone">{w.phone}</label>
              <input id="phone" inputMode="tel" value={f.phone} onInput={(e) => change({ phone: e.currentTarget.value })} />
            </>
          )}
        <div class="choices" role="radiogroup" aria-label={w.about}>
          {chosenKinds.map((k) => <label key={k}><input type="radio" name="kind" checked={f.kind === k} onChange={() => change({ kind: k })} />{said(kinds[k])}</label>)}
        </div>
        <label for="text">{w.text}</label>
        <textarea id="text" rows={2} maxLength={500} value={f.text} onInput={(e) => change({ text: e.currentTarget.value })} />
        <label class="row"><input type="checkbox" checked={f.urgent} onChange={(e) => change({ urgent: e.currentTarget.checked })} />{w.urgent}</label>
        <label for="at-once">{w.answer}</label>
        <input id="at-once" maxLength={500} value={f.answer} onInput={(e) => change({ answer: e.currentTarget.value })} />
        {refused.value && <p class="refused" role="alert">{refused}</p>}
        <p><button id="save">{w.save}</button></p>
      </fieldset>
    </form>
  );
}
