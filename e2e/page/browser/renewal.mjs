// Stays signed in while tokens are replaced. Arguments: the server's address, the code of a card whose tokens expire after twelve
// seconds, and that of an invitation whose tokens have the default lifetime.
import assert from 'node:assert/strict';

import { accept, ask, becomes } from './visit.mjs';

let base, card, invitation;
const token = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in')).token);

// replaced waits until the page keeps another token.
async function replaced(page, old) {
  await becomes(page, (t) => JSON.parse(localStorage.getItem('baogong:sign-in'))?.token !== t, old);
  return token(page);
}

// counts counts the requests of a context whose operation names a field.
function counts(context, field) {
  const seen = { n: 0 };
  context.on('request', (r) => r.postData()?.includes(field) && seen.n++);
  return seen;
}

// resident keeps the page open past the end of two tokens.
async function resident({ newContext, open, please, shows }) {
  await please('soon');
  const page = await open(`${base}/sign-in#${card}`, await newContext());
  await accept(page, 'E6-1-1103');
  const first = await token(page);
  const second = await replaced(page, first);
  await replaced(page, second);
  assert.equal((await ask(base, first, '{ me { role } }')).errors[0].extensions.code, 'UNAUTHENTICATED', 'the first token still holds');
  await shows(page, '#who', 'E6-1-1103');
  await page.context().close();
}

// volunteer has two windows open. When either window replaces the token, both show the new one: the old one, copied, would end the sign-in.
async function volunteer({ newContext, open, shows }) {
  const context = await newContext();
  await context.clock.install();
  const refreshed = counts(context, 'refreshToken');
  const one = await open(`${base}/sign-in#${invitation}`, context);
  await accept(one, 'S01');
  await one.goto(`${base}/sign-in`);
  const two = await open(`${base}/sign-in`, context);
  await shows(two, '#who', 'S01');
  const first = await token(one);
  await context.clock.fastForward(25 * 3_600_000);
  const second = await replaced(one, first);
  for (const page of [one, two]) await becomes(page, (t) => document.getElementById('token').value === t, second);
  assert.ok(refreshed.n <= 2, 'a window asked twice');
  assert.equal((await ask(base, second, '{ me { name } }')).data.me.name, 'S01');

  // A browser whose clock is far ahead takes every token for one that ends: a window asks once an hour, and no more.
  refreshed.n = 0;
  await context.clock.fastForward(900 * 3_600_000);
  const third = await replaced(one, second);
  for (const page of [one, two]) await becomes(page, (t) => document.getElementById('token').value === t, third);
  for (let n = 0; n < 20; n++) await one.evaluate(() => fetch('/healthz').then((a) => a.text())); // time to ask again
  assert.ok(refreshed.n <= 2, 'a wrong clock makes the page ask again and again');
  await context.close();
}

export default (args, visit) => {
  [base, card, invitation] = args;
  return visit({ name: 'renewal', base }, async (visitor) => {
    await volunteer(visitor);
    await resident(visitor);
  });
};
