import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Said, useAct } from '../shared/act';
import { act, ask } from '../shared/api';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { deskPhone, setDeskPhone } from './operations';

const w = words({
  title: ['4. 电话台号码', '4. The number of the phone desk'],
  why: ['住户、拿到链接的家人和楼栋队员会在页面上看到这个号码，点一下就能拨打。', 'Residents, relatives with a link and volunteers see this number on their pages and can call it with one tap.'],
  number: ['号码（没有就留空）', 'Number (leave empty for none)'],
  save: ['保存', 'Save'],
  saved: ['已保存。', 'Saved.'],
});

/** Sets the number of the phone desk. */
export function DeskStep({ community }: { community: string }) {
  const number = useSignal('');
  const known = useSignal(false); // what is saved now was read: saving does not remove it unseen
  const key = useSignal(newKey());
  const problem = useSignal<string | null>(null);
  const doing = useAct();
  useEffect(() => {
    void ask(deskPhone, { community }).then((got) => {
      number.value = got.community?.deskPhone ?? '';
      known.value = true;
    }, (e: Error) => (problem.value = e.message));
  }, []);
  async function save(e: Event) {
    e.preventDefault();
    const input = { clientMutationId: key.value, communities: [{ id: community, deskPhone: number.value.trim() }] };
    await doing.run(async (failed) => (await act(setDeskPhone, { input }, failed)).updateCommunities, () => w.saved);
    key.value = newKey();
  }
  return (
    <section class="noprint" id="desk">
      <h2>{w.title}</h2>
      <p>{w.why}</p>
      <form class="stack" onSubmit={save}>
        <label for="desk-number">{w.number}</label>
        <input id="desk-number" type="tel" inputMode="tel" autocomplete="off" maxLength={25} disabled={!known.value} value={number} onInput={(e) => (number.value = e.currentTarget.value)} />
        <p><button id="save-desk" disabled={doing.busy.value || !known.value}>{w.save}</button></p>
        {problem.value && <p class="refused" role="alert">{problem.value}</p>}
        <Said of={doing} />
      </form>
    </section>
  );
}
