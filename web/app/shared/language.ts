import { effect, signal } from '@preact/signals';

import { otherWindow, store } from './store';

export type Language = 'zh' | 'en';

/** The language that pages are shown in: the one chosen, else the first of the browser's that is Chinese or English, else Chinese. */
export const language = signal<Language>(chosen());

function chosen(): Language {
  const kept = store.get<Language>('language');
  if (kept === 'zh' || kept === 'en') return kept;
  const of = navigator.languages.map((l) => l.slice(0, 2).toLowerCase()).find((l) => l === 'zh' || l === 'en');
  return of === 'en' ? 'en' : 'zh';
}

/** Shows all pages of this browser in a language from now on. */
export function choose(l: Language) {
  store.set('language', l);
  language.value = l;
}

otherWindow('language', () => (language.value = chosen()));

/** The language as a tag for Accept-Language, Intl and speech. */
export const locale = () => (language.value === 'zh' ? 'zh-CN' : 'en');

effect(() => {
  document.documentElement.lang = locale();
});

/** A text in both languages, Chinese first. Functions take what the text names. */
export type Text = readonly [zh: string, en: string];
type Entry = Text | readonly [zh: (...args: never[]) => string, en: (...args: never[]) => string];
type Said<T extends Record<string, Entry>> = { readonly [K in keyof T]: T[K][0] extends (...args: infer A) => string ? (...args: A) => string : string };

/** Returns the texts in the language shown. Read them while rendering, so that a change of language renders again. */
export function words<const T extends Record<string, Entry>>(texts: T): Said<T> {
  const out = {};
  for (const key of Object.keys(texts)) Object.defineProperty(out, key, { enumerable: true, get: () => texts[key]![language.value === 'zh' ? 0 : 1] });
  return out as Said<T>;
}

/** One text in the language shown. */
export const said = (text: Text | undefined, otherwise = '') => (text ? text[language.value === 'zh' ? 0 : 1] : otherwise);
