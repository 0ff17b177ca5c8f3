// Opens every page of an estate whose every text is hostile, on a small phone with the text at 200 %. Arguments: the server's address, the community's
// code, a building and an order of it, the path of that order's link, and the tokens of its household and of the city.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { press, signIn } from './visit.mjs';

export default ([base, code, building, order, link, household, city], visit) => visit({ name: 'hostile', base, viewport: { width: 320, height: 640 } }, async ({ open, newContext, shows }) => {
  const context = await newContext();
  await context.addInitScript(() => addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '200%')));
  const page = await open('about:blank', context);
  const wrong = [];
  const dark = new Set();

  // look checks the page as it is now. text is what must be on it as text.
  async function look(state, text = '<img src=x') {
    const found = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth, hit: window.hit, injected: document.querySelectorAll('img:not([src^="data:"]):not([src^="blob:"]), main script, [onclick]').length,
      text: document.body.textContent, framed: document.querySelector('.page > header, .wall > header') !== null,
      // The elements that stick out, for the report.
      wide: [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.children.length === 0).slice(0, 3).map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 30)}`),
    }));
    if (found.width > 320) wrong.push(`${state}: ${found.width} px wide: ${found.wide.join('; ')}`);
    if (found.hit || found.injected > 0) wrong.push(`${state}: text became markup`);
    if (!found.text.includes(text)) wrong.push(`${state}: no ${text}`);
    await accessible(page, state).catch((e) => wrong.push(e.message));
    const at = new URL(page.url()).pathname.split('/')[1];
    if (dark.has(at)) return;
    dark.add(at); // once for each page
    if (found.framed) await page.locator('#connection, #line', { hasText: /实时|已连接|待发送/ }).waitFor({ timeout: 15_000 }).catch(() => wrong.push(`${state}: no state of the connection`));
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible(page, `${state}, dark`, ['color-contrast']).catch((e) => wrong.push(e.message));
    await page.emulateMedia({ colorScheme: 'light' });
  }
  async function visits(token, path, ready) {
    await signIn(page, base, token);
    await page.goto(`${base}/${path}`);
    await page.locator(ready).first().waitFor();
  }
  const staff = (actor) => `dev:${actor}@${code}`;

  await visits(staff('C01'), 'board', '.chart canvas');
  await look('the board');
  await press(page, '.numbers a[href*=late], .numbers .DISPATCHED a, .numbers .PLACED a');
  await page.locator('.orders a').first().waitFor();
  await look('the orders behind a number');
  await page.locator('.trucks a, .shut').first().click();
  await page.goto(`${base}/board?building=${building}`);
  await page.locator('.team > summary').waitFor();
  for (const part of ['.team > summary', '.reassign summary', '.hold summary']) await page.locator(part).first().click();
  await look('a building with its forms');
  await press(page, '.orders a');
  await page.locator('#history').waitFor();
  await page.locator('.hold summary').first().click();
  await look('an order and its form');
  await page.goto(`${base}/board`);
  await press(page, '.trucks a');
  await page.locator('.counts td').first().waitFor();
  await look('a truck');
  await page.goto(`${base}/board?wall`);
  await page.locator('.wall .tile').first().waitFor();
  await look('the wall');

  await visits(staff('Q00'), 'desk', '#queue');
  await page.keyboard.press('Alt+n');
  await page.locator('#call').waitFor();
  await look('a call');
  await page.locator('#unreached').click();
  await page.locator('#log').waitFor();
  await look('the log of the desk');
  await visits(staff('D01'), 'gate', '.next');
  await look('the truck that comes');
  await press(page, '#arrived');
  await press(page, '#some');
  await page.locator('#count input[type=checkbox]').first().waitFor();
  await look('the count');
  const stray = page.locator('#stray summary');
  if (await stray.isVisible()) await stray.click();
  await look('a stray bag');
  await visits(staff('D01'), 'sorting', '#missing');
  await look('the sorting table', 'E6');
  await visits(staff('T01'), 'cart', '#start');
  await press(page, '#start');
  await page.locator('.bin').first().waitFor();
  await look('the bins', 'E6');
  await visits(staff('S01'), 'shopping', 'tr td');
  await look('the shopping list');

  await visits(staff('S01'), 'round', '.door');
  await press(page, '.door[data-address*="1203"] .more');
  await look('a door');
  await press(page, '.door[data-address*="1203"] .failed');
  await look('a door that is not opened', '<b onclick');
  const cdp = await context.newCDPSession(page);
  const { nodes } = await cdp.send('Accessibility.getFullAXTree');
  const doors = nodes.filter((n) => n.role?.value === 'heading' && n.name.value.includes('袋')).map((n) => n.name.value);
  assert.match(doors.find((d) => d.startsWith('1203')) ?? doors.join('; '), /^1203 室，1 袋/, 'a door is not one sentence');
  await press(page, '.door[data-address*="1203"] .handed');
  await page.locator('.door[data-address*="1203"]').waitFor({ state: 'detached' });
  await page.locator('#done summary').click();
  await look('what is done', '<b onclick');

  await visits(staff('caiban'), 'supplier', '#tosend .orders > li');
  await look('the orders of a supplier');
  await press(page, '#tosend .announce');
  await page.locator('#announcement').waitFor();
  await look('announcing');

  await visits(household, 'my', '.sentence');
  await look('my orders');
  await press(page, '#order');
  await page.locator('.ordering').waitFor();
  await look('ordering');
  await page.locator('#order').click();
  await press(page, '.share');
  await page.locator('.qr').waitFor();
  await look('sharing');
  await page.locator('#call').click();
  await page.locator('.desk textarea').waitFor();
  await look('asking for a call');
  await page.goto(base + link);
  await page.locator('#now').waitFor();
  await look('the page of a link', '');

  await visits(staff('C01'), 'setup', '#people tr');
  await look('the people');
  await page.locator('#people input[type=checkbox]').nth(1).check();
  await press(page, '#invite');
  await page.locator('.slip').first().waitFor();
  await look('invitations');
  await visits(staff('C01'), 'cards', '#building');
  await page.locator('#building').selectOption({ label: 'E6' });
  await page.locator('#some').check();
  await page.locator('#rooms label', { hasText: '<b onclick' }).locator('input').check();
  await page.locator('#sure').check();
  await press(page, '#issue');
  await page.locator('.slip').first().waitFor();
  await look('cards');
  for (const [path, ready] of [['print/manifest', '.building'], [`print/labels/${order}`, '.label'], ['report', 'td'], ['sign-in', '#who']]) {
    await visits(staff('C01'), path, ready);
    await look(path, path.startsWith('print') ? '<b onclick' : '<img src=x');
  }
  await visits(staff('C01'), 'rehearsal', '#orders');
  await page.locator('#orders').fill('20');
  await page.locator('#name').fill('<img src=x onerror="hit=1">'.repeat(2));
  await page.locator('#save').click();
  await page.locator('#current', { hasText: '<img src=x' }).waitFor();
  await page.locator('#held summary').click();
  await page.locator('#held .add').click();
  await press(page, '#run');
  await page.locator('#answer .chart canvas').first().waitFor();
  await look('a rehearsal');
  await visits(staff('C01'), 'needs', '#gaps td');
  await page.locator('#byneed, #households').first().waitFor();
  await look('the needs');
  await visits(city, 'city', '[data-community]');
  await look('the city');
  await page.goto(`${base}/`);
  await look('the front page', '');
  await page.goto(`${base}/nothing`);
  await look('no page', '');
  assert.deepEqual(wrong, []);
});
