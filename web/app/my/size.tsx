import { effect, signal } from '@preact/signals';

import { words } from '../shared/language';
import { store } from '../shared/store';

const w = words({
  size: ['文字大小', 'Text size'],
  large: ['大', 'Large'],
  larger: ['更大', 'Larger'],
  largest: ['最大', 'Largest'],
});

type Size = 'large' | 'larger' | 'largest';
const sizes: readonly Size[] = ['large', 'larger', 'largest'];

const size = signal<Size>(sizes.find((s) => s === store.get('text')) ?? 'large');
effect(() => {
  document.documentElement.dataset['text'] = size.value;
});

function choose(s: Size) {
  size.value = s;
  store.set('text', s);
}

/** Chooses the size of the page's text: 20, 25 or 30 px. The choice stays. */
export function TextSize() {
  return (
    <div class="row sizes" role="group" aria-label={w.size}>
      {sizes.map((s) => <button key={s} type="button" class={s} aria-pressed={size.value === s} onClick={() => choose(s)}>{w[s]}</button>)}
    </div>
  );
}
