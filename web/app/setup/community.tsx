import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';

import { act } from '../shared/api';
import { words } from '../shared/language';
import { newKey } from '../shared/store';
import { create } from './operations';

const w = words({
  title: ['新建小区', 'A new community'],
  name: ['名称', 'Name'],
  code: ['简称（字母，不与其他小区重复）', 'Short code (letters, unlike those of other communities)'],
  add: ['新建', 'Add it'],
});

/** Adds a community; administrators only. The form is open for the first one. */
export function NewCommunity({ first, added }: { first: boolean; added: (id: string) => void }) {
  const name = useSignal('');
  const code = useSignal('');
  const refused = useSignal<string | null>(null);
  const box = useRef<HTMLDetailsElement>(null);
  const key = useSignal({ of: '', key: '' }).value;

  async function add() {
    refused.value = null;
    const of = `${name.value} ${code.value}`;
    if (key.of !== of) Object.assign(key, { of, key: newKey() });
    try {
      const { createCommunities: got } = await act(create, { input: { clientMutationId: key.key, communities: [{ name: name.value.trim(), code: code.value.trim() }] } });
      const made = got.results[0];
      refused.value = (got.userErrors[0] ?? made?.userErrors[0])?.message ?? null;
      if (made?.community) {
        name.value = code.value = '';
        box.current?.removeAttribute('open');
        added(made.community.id);
      }
    } catch (e) {
      refused.value = (e as Error).message;
    }
  }

  return (
    <details class="noprint" id="new" ref={box} open={first}>
      <summary>{w.title}</summary>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        void add();
      }}>
        <label for="name">{w.name}</label>
        <input id="name" required maxLength={80} value={name} onInput={(e) => (name.value = e.currentTarget.value)} />
        <label for="short">{w.code}</label>
        <input id="short" required maxLength={32} value={code} onInput={(e) => (code.value = e.currentTarget.value)} />
        {refused.value && <p class="refused" role="alert">{refused}</p>}
        <p><button id="add">{w.add}</button></p>
      </form>
    </details>
  );
}
