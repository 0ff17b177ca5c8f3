// The script of this page. Its name changes with each release that changes the page.
const script = () => document.querySelector<HTMLScriptElement>('script[type=module]')?.getAttribute('src') ?? '';

/** Whether something is written in a form that would be lost. Forms that keep what is written have data-kept. */
const written = () => [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')].some((i) =>
  !i.readOnly && !i.closest('[data-kept]') && !['checkbox', 'radio', 'hidden', 'submit'].includes(i.type) && i.value !== i.defaultValue);

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
