import { print } from '@0no-co/graphql.web';
import { computed, effect, signal } from '@preact/signals';
import type { TypedDocumentNode } from '@urql/core';

import { address } from './address';
import { connection } from './connection';
import { device, forgetOthers } from './device';
import { locale, type Text } from './language';
import { post, Refused } from './post';
import { token, verify } from './session';
import { newKey, wait } from './store';
import { me, meOf } from './viewer';
import { waiting } from './waiting';

// The outbox holds what a person did until the server has answered. Acts are sent one after the other, in the order in which they were done,
// when the server answers, even while the browser believes that it is offline. Each carries an idempotency key, so that an act whose answer was
// lost has no second effect. Nothing is dropped silently: a refused act becomes a card.

/** A refusal, as a card shows it. */
export type Refusal = {
  /** The sentence of the server, in the language in which the act was sent. */
  message: string;
  reason: string;
  /** Who moved the order meanwhile, as far as the viewer may know. */
  by: { role: string; name: string | null } | null;
  stage: string | null;
  movedAt: string | null;
};

/** Takes a value of an earlier act's answer into the input of a later one: the round that a start opened, for its end. */
export type Need = { of: string; from: string[]; to: string };

/** A photo of an act. It is sent first; its id is written to the input at the path. */
type Photo = { to: (string | number)[]; blob: Blob };

export type Act = {
  seq: number;
  account: string;
  /** The page that it belongs to. */
  page: string;
  /** The idempotency key. */
  key: string;
  /** When it was done, by the device's clock. */
  at: string;
  /** The mutation's text; its field has the alias `did` and one argument `input`. */
  document: string;
  input: Record<string, unknown>;
  /** What was done, for the person. */
  says: Text;
  /** What each item of a bulk act is, in the order of the results. */
  parts: Text[];
  photos: Photo[];
  needs: Need[];
  /** What the page needs to draw it. */
  detail: unknown;
  state: 'waiting' | 'sending' | 'sent' | 'refused';
  tries: number;
  /** When the server's answer came, in ms of the device's clock. */
  answeredAt: number | null;
  answer: Record<string, unknown> | null;
  /** Why it, or an item of it, was refused; null for items that were not. */
  refusals: (Refusal | null)[];
  /** Whether the person has seen the card. */
  seen: boolean;
};

/** What a page says about a new act. Fields of the input may come from needs and photos. */
export type Draft<Input = Record<string, unknown>> = Pick<Act, 'page' | 'says'> & { input: Partial<Input> } & Partial<Pick<Act, 'parts' | 'photos' | 'needs' | 'detail'>>;

const most = 500; // acts that wait; more than two days of rounds
const keptFor = 12 * 3_600_000; // ms that answered acts are kept for undoing
const patience = 30_000; // ms for one answer
const beat = 15_000; // ms between tries

/** The account that is signed in, for what is kept on the device; null before it is known. */
export const account = computed(() => {
  const m = me.value;
  return m && [m.community?.id ?? '', m.volunteer?.id ?? m.supplier?.id ?? m.household?.id ?? `${m.role} ${m.name}`].join('|');
});

/** The acts of the account in the order in which they were done, answered ones too. */
export const acts = signal<readonly Act[]>([]);
/** How many acts of other accounts wait on this device. */
export const foreign = signal(0);
/** Why the device cannot keep acts: its storage is full, it has none, or too many wait. Acts are then sent from this window only. */
export const trouble = signal<'full' | 'none' | 'many' | null>(null);

/** Reports whether an act has no answer yet. */
export const open = (a: Act) => a.state === 'waiting' || a.state === 'sending';
/** The refused acts whose cards the person has not put away. */
export const refused = computed(() => acts.value.filter((a) => !a.seen && a.refusals.some((r) => r)));

effect(() => {
  waiting.value = acts.value.filter(open).length;
});

let loose: Act[] = []; // acts that the device could not keep
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('baogong:outbox');

async function everything(): Promise<Act[]> {
  const db = await device();
  if (!db) trouble.value ??= 'none';
  const stored = (await db?.getAll('acts').catch(() => [])) ?? [];
  return [...stored.filter((a) => !loose.some((l) => l.seq === a.seq)), ...loose].sort((a, b) => a.seq - b.seq);
}

async function refresh() {
  const mine = account.value;
  const all = await everything();
  if (mine !== account.value) return; // a later call draws
  acts.value = all.filter((a) => a.account === mine);
  foreign.value = all.filter((a) => a.account !== mine && open(a)).length;
}

function changed() {
  channel?.postMessage(0);
  return refresh();
}

// put stores an act that changed. One that cannot be stored stays in this window.
async function put(a: Act) {
  if (loose.includes(a)) return;
  const db = await device();
  try {
    await db!.put('acts', a);
    kept();
  } catch {
    trouble.value = 'full';
    await db?.delete('acts', a.seq).catch(() => {});
    loose.push(a);
  }
}

// kept notes that the device keeps acts again.
function kept() {
  if (trouble.value === 'many' || (trouble.value === 'full' && !loose.some(open))) trouble.value = null;
}

async function remove(a: Act) {
  loose = loose.filter((l) => l.seq !== a.seq);
  await (await device())?.delete('acts', a.seq).catch(() => {});
}

/**
 * Adds an act and begins to send it. It returns the act, or null if too many wait already; then nothing happens but `trouble`.
 * The mutation must give its field the alias `did`.
 */
export async function add<T, V extends { input: object }>(mutation: TypedDocumentNode<T, V>, draft: Draft<V['input']>): Promise<Act | null> {
  const mine = account.value!;
  if (acts.value.filter(open).length >= most) {
    trouble.value = 'many';
    return null;
  }
  const act: Omit<Act, 'seq'> & { seq?: number } = {
    account: mine, key: newKey(), at: new Date().toISOString(), document: print(mutation), parts: [], photos: [], needs: [], detail: null, ...(draft as Draft),
    state: 'waiting', tries: 0, answeredAt: null, answer: null, refusals: [], seen: false,
  };
  const db = await device();
  try {
    if (!db) throw new Error('no storage');
    act.seq = await db.add('acts', act as Act);
    kept();
  } catch {
    trouble.value = db ? 'full' : 'none';
    act.seq = Math.max(0, ...acts.value.map((a) => a.seq)) + 0.001;
    loose.push(act as Act);
  }
  await changed();
  void send();
  return act as Act;
}

/** Takes an act back that was not sent yet, and reports whether it could. */
export async function withdraw(a: Act): Promise<boolean> {
  const held = loose.find((l) => l.seq === a.seq);
  let gone = false;
  if (held) {
    if ((gone = held.state === 'waiting')) loose = loose.filter((l) => l !== held);
  } else {
    const tx = (await device())?.transaction('acts', 'readwrite');
    const now = await tx?.store.get(a.seq);
    if ((gone = now?.state === 'waiting')) await tx?.store.delete(a.seq);
    await tx?.done;
  }
  await changed();
  return gone;
}

/** Puts a card away. */
export async function dismiss(a: Act) {
  a.seen = true;
  await put(a);
  await changed();
}

let sending = false;
let again = false;

/** Sends what waits. One window of the browser does at a time. */
export async function send() {
  again = true;
  if (sending) return;
  sending = true;
  try {
    while (again) {
      again = false;
      await (navigator.locks ? navigator.locks.request('baogong:outbox', sendAll) : sendAll());
    }
  } finally {
    sending = false;
  }
}

async function sendAll() {
  for (;;) {
    const [mine, bearer] = [account.value, token.value];
    if (!mine || !bearer || meOf.value !== bearer) return;
    const all = (await everything()).filter((a) => a.account === mine);
    const next = all.find(open);
    if (!next) return prune(all);
    const answered = await sendOne(next, all, bearer);
    await changed();
    if (!answered) return;
  }
}

/** An operation's payload, as far as all mutations have the same. */
type Payload = { userErrors: Fault[]; results?: ({ userErrors: Fault[] } | null)[] } & Record<string, unknown>;
type Fault = { message: string; code?: string; reason: string; details?: { stage?: string | null; movedAt?: string | null; movedBy?: { role: string; id: string | null } | null } | null };

// sendOne sends an act and reports whether it has an answer now.
async function sendOne(a: Act, all: Act[], bearer: string): Promise<boolean> {
  const input: Record<string, unknown> = { ...structuredClone(a.input), clientMutationId: a.key };
  for (const need of a.needs) {
    const value = need.from.reduce<unknown>((v, step) => (v as Record<string, unknown> | null | undefined)?.[step], all.find((b) => b.key === need.of)?.answer);
    if (value === null || value === undefined) { // what it is about did not happen, and a card said why
      await remove(a);
      return true;
    }
    input[need.to] = value;
  }
  a.state = 'sending';
  a.tries++;
  await put(a);
  try {
    for (const { to, blob } of a.photos) {
      const id = await within(upload(blob, bearer));
      const last = to.at(-1)!;
      const holder = to.slice(0, -1).reduce<Record<string | number, unknown>>((v, step) => v[step] as Record<string | number, unknown>, input);
      holder[last] = id;
    }
    const { did } = await within(post<{ did: Payload }>(a.document, { input }, bearer));
    const passing = did.userErrors[0]?.code;
    if ((passing === 'UNAVAILABLE' || passing === 'RATE_LIMITED') && a.tries < 40) return false;
    await settle(a, did, bearer);
    return true;
  } catch (e) {
    if (!(e instanceof Refused)) return false;
    if (e.code === 'UNAUTHENTICATED') {
      void verify();
      return false;
    }
    if (e.passing || (e.code === 'INTERNAL' && a.tries < 8)) return false;
    await settle(a, { userErrors: [{ message: e.message, reason: e.reason || e.code }] }, bearer);
    return true;
  }
}

async function settle(a: Act, answer: Payload, bearer: string) {
  const whole = answer.userErrors[0];
  const refusals = whole ? [whole] : (answer.results ?? []).map((r) => r?.userErrors[0] ?? null);
  a.refusals = await Promise.all(refusals.map((r) => r && told(r, bearer)));
  a.state = whole || (refusals.length > 0 && refusals.every((r) => r)) ? 'refused' : 'sent';
  a.answeredAt = Date.now();
  a.answer = answer;
  a.photos = [];
  await put(a);
}

const nameQuery = 'query ($id: ID!) { node(id: $id) { ... on Volunteer { name code } } }';

// told returns a refusal as its card shows it, with the name of the person who was faster.
async function told(f: Fault, bearer: string): Promise<Refusal> {
  const by = f.details?.movedBy;
  let name: string | null = null;
  if (by?.id) name = await within(post<{ node: { name?: string; code?: string } | null }>(nameQuery, { id: by.id }, bearer)).then((d) => d.node?.name ?? null, () => null);
  return { message: f.message, reason: f.reason, by: by ? { role: by.role, name } : null, stage: f.details?.stage ?? null, movedAt: f.details?.movedAt ?? null };
}

// upload sends a photo and returns its id. The server gives the same photo the same id.
async function upload(blob: Blob, bearer: string): Promise<string> {
  const answer = await fetch(address('files'), {
    method: 'PUT', headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': blob.type || 'image/jpeg', 'Accept-Language': locale() }, body: blob, cache: 'no-store',
  });
  const said = (await answer.json()) as { id?: string; errors?: { message: string; extensions?: { code?: string; reason?: string } }[] };
  if (said.id) return said.id;
  if (answer.status >= 500 || answer.status === 429 || !said.errors?.[0]) throw new Error(`the photo was answered with ${answer.status}`);
  throw new Refused(said.errors[0]);
}

// within fails if there is no answer in time.
const within = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, wait(patience).then(() => Promise.reject(new Error('no answer')))]);

// prune removes answered acts that no one will take back.
async function prune(all: Act[]) {
  const old = all.filter((a) => !open(a) && (a.seen || !a.refusals.some((r) => r)) && Date.now() - (a.answeredAt ?? 0) > keptFor);
  for (const a of old) await remove(a);
  if (old.length > 0) await changed();
}

/** Removes the answered acts of a page: its work is over. */
export async function clearDone(page: string) {
  for (const a of acts.value) if (a.page === page && !open(a) && (a.seen || !a.refusals.some((r) => r))) await remove(a);
  await changed();
}

// Another account's acts are not sent, and what was kept for it is removed.
effect(() => {
  const mine = account.value;
  void [meOf.value, token.value];
  void refresh().then(send);
  if (mine || !token.value) void forgetOthers(mine);
});

channel?.addEventListener('message', () => void refresh());
effect(() => {
  if (connection.value === 'live') void send();
});
addEventListener('focus', () => void send());
addEventListener('online', () => void send());
document.addEventListener('visibilitychange', () => !document.hidden && void send());
setInterval(() => void send(), beat);
addEventListener('beforeunload', (e) => {
  if (loose.some(open)) e.preventDefault(); // they would be lost
});
