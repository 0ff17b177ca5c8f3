import { useSignal } from '@preact/signals';

import { words } from '../shared/language';
import { add } from '../shared/outbox';
import { shrink } from '../shared/photo';
import { logStrays } from './operations';

const w = words({
  title: ['无主件：找不到订单的袋子', 'A stray: a bag without an order'],
  label: ['上面能看清的字', 'What can be read on it'],
  place: ['放在哪里', 'Where it stands'],
  photo: ['拍照（可不拍）', 'A photo, if you like'],
  log: ['登记', 'Log it'],
  where: ['请填写放在哪里。', 'Say where it stands.'],
});

/** Logs a bag that no order is found for, with a photo. Its number comes with the answer: write it on the bag. */
export function StrayForm({ community, truck }: { community: string; truck: string }) {
  const label = useSignal('');
  const place = useSignal('');
  const photo = useSignal<Blob | null>(null);
  const missing = useSignal(false);
  return (
    <details id="stray">
      <summary>{w.title}</summary>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        missing.value = place.value.trim() === '';
        if (missing.value) return;
        const what = label.value.trim() || place.value.trim();
        void add(logStrays, {
          page: 'gate', input: { communityId: community, arrivalId: truck, strays: [{ label: label.value.trim(), place: place.value.trim() }] },
          photos: photo.value ? [{ to: ['strays', 0, 'photoId'], blob: photo.value }] : [],
          says: [`无主件：${what}`, `Stray: ${what}`], detail: { truck, state: null },
        });
        label.value = '';
        photo.value = null;
        e.currentTarget.reset();
      }}>
        <label for="stray-label">{w.label}</label>
        <input id="stray-label" maxLength={300} value={label} onInput={(e) => (label.value = e.currentTarget.value)} />
        <label for="stray-place">{w.place}</label>
        <input id="stray-place" maxLength={80} value={place} onInput={(e) => (place.value = e.currentTarget.value)} />
        {missing.value && <p class="refused" role="alert">{w.where}</p>}
        <label for="stray-photo">{w.photo}</label>
        <input id="stray-photo" type="file" accept="image/*" capture="environment" onChange={(e) => {
          const file = e.currentTarget.files?.[0];
          if (file) void shrink(file).then((b) => (photo.value = b));
        }} />
        <button class="main">{w.log}</button>
      </form>
    </details>
  );
}
