// Signs in with codes as a resident and as a volunteer. Arguments: the server's address, the codes of a card, of an invitation and of a
// neighbour's card.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { accept, ask } from './visit.mjs';

let base, card, invitation, neighbour;

async function resident({ open, shows, picture, sizes }) {
  const page = await open(`${base}/sign-in#%zz`); // a link that was mangled on its way
  await shows(page, '#said', '码由 20 个字母和数字组成');
  await page.locator('#language').click();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.locator('#code').fill('   ');
  await page.locator('#enter').click();
  await shows(page, '#said', 'Type the code of your card');
  await page.locator('#code').fill('7K2QM-0XH4D-R9TAE-5WBNC');
  await page.locator('#enter').click();
  await shows(page, '#said', 'ask for a new one');
  await picture(page, 'sign-in-refused');
  await accessible(page, 'a refused code');
  await page.reload(); // the language stays
  await page.locator('#language', { hasText: '中文' }).click();

  // The answer to the first try is lost; the second has the same key.
  const keys = [];
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON();
    if (!body.query.includes('redeemCode')) return route.continue();
    keys.push(body.variables.i.clientMutationId);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.goto(`${base}/sign-in#${card}`);
  await shows(page, '#whose', 'E6-1-1103');
  assert.equal(page.url(), `${base}/sign-in`, 'the code stays in the address');
  assert.equal(await kept(page), null, 'a link signs in unasked');
  await picture(page, 'sign-in-offer');
  await sizes(page, 'sign-in');
  await accessible(page, 'whose code it is');
  await page.reload(); // redeems again under the same key, which is no second use
  await accept(page, 'E6-1-1103');
  assert.equal(new Set(keys).size, 1);
  assert.equal(page.url(), `${base}/my`, 'a resident is led to another page');
  const first = await kept(page);

  // Another person's link does not replace the sign-in without a confirmation, and a dead link does not end it.
  await page.goto(`${base}/sign-in#${neighbour}`);
  await shows(page, '#whose', 'E7-1-1103');
  assert.equal(await page.locator('#current').innerText(), '东辰心语 · E6-1-1103 · 住户');
  await page.locator('#decline').click();
  await shows(page, '#who', 'E6-1-1103');
  await page.goto(`${base}/sign-in#7K2QM-0XH4D-R9TAE-5WBNC`);
  await shows(page, '#said', '请重新索取');
  await shows(page, '#who', 'E6-1-1103');
  await page.goto(`${base}/sign-in#${card}`); // the resident's own card again opens the orders
  await page.waitForURL(`${base}/my`);
  await shows(page, '#who', 'E6-1-1103');
  assert.equal(await kept(page), first);

  // Signing out shows no error, in any window.
  const other = await open(`${base}/sign-in`, page.context());
  await shows(other, '#who', 'E6-1-1103');
  await page.locator('#leave').click();
  await other.locator('#form').waitFor();
  for (const each of [page, other]) {
    await each.evaluate(() => fetch('/healthz')); // time for an error
    await each.goto(`${base}/sign-in`);
    await each.locator('#form').waitFor();
    assert.equal(await each.locator('#said').innerText(), '');
  }
  await until(async () => (await ask(base, first, '{ me { role } }')).errors?.[0].extensions.code === 'UNAUTHENTICATED', 'the token still holds');
  await page.context().close();
}

const kept = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in'))?.token ?? null);

async function until(holds, otherwise) {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 100, otherwise);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function volunteer({ open, please, shows, picture }) {
  const page = await open(`${base}/sign-in#${invitation}`);
  await accept(page, 'S01 · 队员');
  const second = await open(`${base}/sign-in#${invitation}`);
  await shows(second, '#said', '已被使用');
  await second.locator('#form').waitFor();
  await second.context().close();
  await page.goto(`${base}/sign-in`);
  const token = await page.locator('#token').inputValue();
  assert.equal((await ask(base, token, '{ me { name } }')).data.me.name, 'S01');
  await picture(page, 'sign-in-staff');
  await please('end');
  await page.reload();
  await page.locator('#form').waitFor();
  assert.notEqual(await page.locator('#said').innerText(), '');
}

export default (args, visit) => {
  [base, card, invitation, neighbour] = args;
  return visit({ name: 'sign-in', base }, async (visitor) => {
    await resident(visitor);
    await volunteer(visitor);
  });
};
