import { useSignal } from '@preact/signals';

import { ask } from '../shared/api';
import { words } from '../shared/language';
import { me } from '../shared/viewer';
import { find } from './operations';

const w = words({
  label: ['哪一户（如 E6-1-1203）', 'Which household (such as E6-1-1203)'],
  search: ['查找', 'Find'],
  none: ['没有找到。', 'Nothing was found.'],
});

/** Finds a household by its address. */
export function HouseholdSearch({ chosen }: { chosen: (h: { id: string; address: string }) => void }) {
  const text = useSignal('');
  const found = useSignal<{ id: string; address: string; contactName: string }[] | null>(null);
  const refused = useSignal<string | null>(null);

  async function search() {
    refused.value = null;
    if (!text.value.trim()) return;
    try {
      found.value = (await ask(find, { community: me.value!.community!.id, text: text.value.trim() })).households.nodes;
    } catch (e) {
      refused.value = (e as Error).message;
    }
  }

  return (
    <div class="stack">
      <label for="which">{w.label}</label>
      <div class="row">
        <input id="which" style={{ flex: '1 1 10rem', width: 'auto' }} value={text} onInput={(e) => (text.value = e.currentTarget.value)} onKeyDown={(e) => {
          if (e.key !== 'Enter') return;
          e.preventDefault();
          void search();
        }} />
        <button type="button" onClick={search}>{w.search}</button>
      </div>
      {refused.value && <p class="refused" role="alert">{refused}</p>}
      {found.value && (
        <ul class="goods" role="status">
          {found.value.map((h) => <li key={h.id}><button type="button" onClick={() => chosen({ id: h.id, address: h.address })}>{h.address} · {h.contactName}</button></li>)}
          {found.value.length === 0 && <li>{w.none}</li>}
        </ul>
      )}
    </div>
  );
}
