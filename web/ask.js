// Shared by the pages that send operations: the stored sign-in, the retries, and the line that shows what happened. A page that imports
// this module has an element #said, and loads words.js first.
export const at = (id) => document.getElementById(id);
export const say = (...words) => at('said').replaceChildren(...both(words.length > 0 ? words : ['']));
export const tell = (e) => say(...(e.words ?? [e.message]));

// turnAway says why a page shows nothing, with a link to the sign-in page, which leads back here.
export function turnAway(e) {
  const link = document.createElement('a');
  link.href = '/sign-in';
  link.textContent = '登录 Sign in';
  link.addEventListener('click', () => sessionStorage.setItem('baogong:next', location.pathname + location.search));
  tell(e);
  at('said').append(' ', link);
}

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));
export const pause = (tries) => wait(Math.min(30_000, 1000 * 2 ** tries) * (0.5 + Math.random() / 2));

// kept is what the pages store in this browser.
export const kept = {
  get: (key) => JSON.parse(localStorage.getItem(`baogong:${key}`) ?? 'null'),
  set: (key, value) => (value === null ? localStorage.removeItem(`baogong:${key}`) : localStorage.setItem(`baogong:${key}`, JSON.stringify(value))),
};
export const signedIn = () => kept.get('sign-in')?.token;

// newKey returns a new idempotency key.
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

// Refused is a refusal by the server or by the page. message holds the server's text, if any; words holds the text in Chinese and English.
export class Refused extends Error {
  constructor(error) {
    super(error.message);
    this.words = error.words ?? refusalWords(error);
    this.code = error.extensions?.code ?? error.code;
  }
}
const passing = ['UNAVAILABLE', 'RATE_LIMITED']; // codes that a retry may change

// request sends one operation and returns the response.
export function request(query, variables, token, signal, accept = 'application/json') {
  const headers = { 'Content-Type': 'application/json', Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  // keepalive: an operation that was sent, such as signing out, reaches the server although the page is closed at once.
  return fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }), cache: 'no-store', signal, keepalive: accept === 'application/json' });
}

// ask sends one operation, with the token if there is one, and returns its data. It fails with Refused, or with another
// error if there is no answer.
export async function ask(query, variables, token = signedIn()) {
  const { data, errors } = await (await request(query, variables, token)).json();
  if (errors) throw new Refused(errors[0]);
  return data;
}

// insist retries until there is an answer. The operation must be idempotent.
export async function insist(query, variables, token) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask(query, variables, token);
    } catch (e) {
      if (e instanceof Refused && !passing.includes(e.code)) throw e;
      if (e instanceof Refused) tell(e);
      else say('连接中断，正在重试…', 'Connection lost, trying again…');
      await pause(tries);
    }
  }
}
