import { useSignal } from '@preact/signals';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { CallDesk } from '../shared/calldesk';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { me } from '../shared/viewer';
import { when } from '../shared/time';
import { type Enquiry, refresh } from './orders';
import { enquiryStateWord } from './terms';

const w = words({
  call: ['请话务员打给我', 'Ask the desk to call me'],
  about: ['想说什么（可不填）', 'What it is about (optional)'],
  phone: ['打哪个号码（不填就打登记的号码）', 'Which number to call (empty: the one on record)'],
  send: ['请回电', 'Call me back'],
  noted: ['已登记，话务员会打给您。', 'Noted. The phone desk will call you.'],
  answer: [(text: string) => `答复：${text}`, (text: string) => `Answer: ${text}`],
});

const log = graphql(`
  mutation CallMe($input: LogEnquiryInput!) { logEnquiry(input: $input) { enquiry { id } userErrors { message } } }
`);

/** Asks the phone desk to call, and shows what it answered. */
export function Desk({ enquiries, offline }: { enquiries: readonly Enquiry[]; offline: boolean }) {
  const open = useSignal(false);
  const text = useSignal('');
  const phone = useSignal('');
  const key = useSignal(newKey());
  const doing = useAct();
  async function send(e: Event) {
    e.preventDefault();
    const { community, household } = me.value!;
    const input = { clientMutationId: key.value, communityId: community!.id, householdId: household!.id, kind: 'CALL_BACK' as const, way: 'APP' as const, text: text.value.trim(), phone: phone.value.trim() };
    const done = await doing.run(async (failed) => (await act(log, { input }, failed)).logEnquiry, () => w.noted);
    key.value = newKey();
    if (!done) return;
    open.value = false;
    text.value = phone.value = '';
    refresh();
  }
  return (
    <section class="stack desk">
      <CallDesk number={me.value?.community?.deskPhone} />
      <button id="call" type="button" class="wide" disabled={offline} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>☎ {w.call}</button>
      {open.value && (
        <form class="panel stack" onSubmit={send}>
          <label>{w.about}<textarea rows={2} maxLength={500} value={text} onInput={(e) => (text.value = e.currentTarget.value)} /></label>
          <label>{w.phone}<input type="tel" inputMode="tel" autocomplete="tel" maxLength={20} value={phone} onInput={(e) => (phone.value = e.currentTarget.value)} /></label>
          <button class="main" disabled={doing.busy}>{w.send}</button>
        </form>
      )}
      <Said of={doing} />
      {enquiries.length > 0 && (
        <ul class="stack faint">
          {enquiries.map((q) => <li key={q.id}>{enquiryStateWord(q.enquiryState)} · {when(q.closedAt ?? q.loggedAt)}{q.answer && <><br />{w.answer(q.answer)}</>}</li>)}
        </ul>
      )}
    </section>
  );
}
