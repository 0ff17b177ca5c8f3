// Signs in with codes as a resident and as a volunteer, and uses the page. Arguments: the server's address, the codes of a card,
// of an invitation and of a neighbour's card.
import assert from 'node:assert/strict';

import { accept, ask, becomes } from './visit.mjs';

let base, card, invitation, neighbour;

async function resident({ open, please, shows, picture }) {
  const page = await open(`${base}/sign-in#%zz`); // a link that was mangled on its way
  await shows(page, '#said', '码由 20 个字母和数字组成');
  await shows(page, '#said small[lang=en]', 'a code has 20 letters and digits');
  await page.locator('#code').fill('   ');
  await page.locator('#enter').click();
  await shows(page, '#said', '请填写住户卡或邀请码上的码');
  await page.locator('#code').fill('7K2QM-0XH4D-R9TAE-5WBNC');
  await page.locator('#enter').click();
  await shows(page, '#said', '请重新索取');
  await shows(page, '#said small[lang=en]', 'ask for a new one');
  await picture(page, 'sign-in-refused');
  assert.deepEqual(await page.evaluate(() => [
    refusalWords({ reason: 'TOO_MANY_GUESSES', message: 'Too many wrong codes; please try again in 15 minutes.' }),
    refusalWords({ extensions: { reason: 'TOO_MANY_GUESSES' }, message: '错误次数过多，请 15 分钟后再试。' }),
    refusalWords({ reason: 'TAKEN', message: 'E6 is already taken.' }),
  ]), [['错误次数过多，请 15 分钟后再试。', 'Too many wrong codes; please try again in 15 minutes.'],
    ['错误次数过多，请 15 分钟后再试。', 'Too many wrong codes; please try again in 15 minutes.'], ['E6 is already taken.']]);

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
  await page.reload(); // redeems again under the same key, which is no second use
  await accept(page, 'E6-1-1103');
  assert.equal(new Set(keys).size, 1);
  assert.equal(await page.locator('#staff').isVisible(), false);

  await shows(page, '#orders li', '#1 已下单');
  assert.equal(await page.locator('#orders li').count(), 1, "another household's order is shown");
  await please('move');
  await shows(page, '#orders li', '#1 配送中');
  await page.locator('#orders button').click();
  const link = await page.locator('#orders a').getAttribute('href');
  assert.match(link, /\/track\/[0-9A-Z-]{23}$/);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');
  await becomes(page, () => document.querySelector('#orders img').naturalWidth > 0);
  await picture(page, 'sign-in-resident');
  const child = await open(base + new URL(link, base).pathname);
  await shows(child, '#now', '配送中');

  await page.reload();
  await shows(page, '#who', 'E6-1-1103');
  const first = await kept(page);

  // Another person's link does not replace the sign-in without a confirmation, and a dead link does not end it.
  await page.goto(`${base}/sign-in#${neighbour}`);
  await shows(page, '#whose', 'E7-1-1103');
  assert.equal(await page.locator('#current').innerText(), '东辰心语 · E6-1-1103 · 住户 Resident');
  await page.locator('#decline').click();
  await shows(page, '#who', 'E6-1-1103');
  await page.goto(`${base}/sign-in#7K2QM-0XH4D-R9TAE-5WBNC`);
  await shows(page, '#said', 'ask for a new one');
  await shows(page, '#who', 'E6-1-1103');
  await page.goto(`${base}/sign-in#${card}`); // the resident's own link again
  await shows(page, '#who', 'E6-1-1103');
  assert.equal(await kept(page), first);

  // Signing out shows no error, in any window.
  const other = await open(`${base}/sign-in`, page.context());
  await shows(other, '#line', '实时更新中');
  await page.locator('#leave').click();
  for (const each of [page, other]) {
    await each.locator('#form').waitFor();
    await each.evaluate(() => fetch('/healthz')); // time for an error
    assert.equal(await each.locator('#said').innerText(), '');
    await each.reload();
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
  await accept(page, 'S01 · 队员 Volunteer');
  const second = await open(`${base}/sign-in#${invitation}`);
  await shows(second, '#said', 'already used');
  await second.locator('#form').waitFor();
  await second.context().close();
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
