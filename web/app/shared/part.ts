// The script of this page. Its name changes with each release that changes the page.
const script = () => document.querySelector<HTMLScriptElement>('script[type=module]')?.getAttribute('src') ?? '';

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const ticks = (f: Field) => f.type === 'checkbox' || f.type === 'radio';
const held = (f: Field) => (ticks(f) ? String((f as HTMLInputElement).checked) : f.value);

// What fields held when they got the focus, and before a person first changed them. What a page fills in by itself is in neither.
const found = new WeakMap<Field, string>();
const before = new WeakMap<Field, string | null>();

const isField = (t: EventTarget | null): t is Field => t instanceof HTMLInputElement || t instanceof HTMLTextAreaElement || t instanceof HTMLSelectElement;
document.addEventListener('focusin', ({ target: f }) => isField(f) && found.set(f, held(f)), true);
document.addEventListener('input', ({ target: f }) => {
  if (!isField(f) || before.has(f)) return;
  before.set(f, f.type === 'radio' ? 'false' : f.type === 'checkbox' ? String(!(f as HTMLInputElement).checked) : (found.get(f) ?? null)); // null: not known
}, true);

/**
 * Reports whether a reload would lose what a person wrote, chose or ticked. Forms that keep their input have data-kept and do not count. Neither does a
 * choice or a tick outside a form, such as how a list is sorted.
 */
const written = () => [...document.querySelectorAll<Field>('input, textarea, select')].some((f) =>
  before.has(f) && !f.closest('[data-kept]') && (f.form !== null || !(ticks(f) || f instanceof HTMLSelectElement)) && held(f) !== before.get(f));

/**
 * Loads a further part of the page. After a new release the files of the old one are gone; then the page is loaded again, once for each release, and
 * not while a form would lose what is written. In all other cases it fails with the error of load.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (e) {
    const next = await released();
    const tried = (sessionStorage.getItem('baogong:release') ?? '').split(' '); // while servers of two releases answer, they take turns
    if (next === null || written() || tried.includes(next)) throw e;
    sessionStorage.setItem('baogong:release', [...tried.slice(-9), next].join(' '));
    location.reload();
    return new Promise(() => {}); // the page goes
  }
}

// released returns the script that the server now names for this page, or null if that is this page's own or there is no answer.
async function released(): Promise<string | null> {
  try {
    const answer = await fetch(location.pathname + location.search, { cache: 'no-store', headers: { Accept: 'text/html' } });
    const name = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('script[type=module]')?.getAttribute('src');
    return name && name !== script() ? name : null;
  } catch {
    return null; // no network
  }
}
