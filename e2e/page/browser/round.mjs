// Goes on a round of 40 doors on a phone, most of it without a network. Arguments: the address of a proxy before the server, the volunteer's
// development sign-in, the digits of the household in room 903, which gets medicine, and whether to check every state of the page for accessibility.
import assert from 'node:assert/strict';

import { accessible as checked } from './axe.mjs';
import { becomes } from './visit.mjs';

export default ([base, volunteer, digits, thorough], visit) => visit({ name: 'round', base }, async ({ newContext, please, picture, sizes }) => {
  const accessible = (page, state) => (thorough === 'true' || ['the round', 'a refused act'].includes(state)) && checked(page, state);
  const context = await newContext();
  await context.addInitScript(() => { // the clock of the phone is a day ahead
    const now = Date.now;
    Date.now = () => now() + 86_400_000;
    const Real = Date;
    globalThis.Date = class extends Real { constructor(...a) { if (a.length === 0) super(Real.now()); else super(...a); } };
  });
  const open = async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${base}/round`);
    return page;
  };
  let page = await context.newPage();
  await page.goto(`${base}/healthz`);
  await page.evaluate((token) => localStorage.setItem('baogong:sign-in', JSON.stringify({ token, expiresAt: null, since: '2022-04-12T00:00:00Z' })), `dev:${volunteer}`);
  await page.close();

  page = await open();
  await page.locator('.take').waitFor();
  await accessible(page, 'the shelf');
  await becomes(page, () => navigator.serviceWorker.controller); // the page begins without a network from now on
  await page.locator('.take').click();
  await becomes(page, () => document.querySelectorAll('.door').length === 40);
  assert.equal(await page.locator('.door').first().getAttribute('data-address'), 'E6-2-1001');
  await sent(page);
  await sizes(page, 'round');
  await accessible(page, 'the round');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');

  // The phone numbers of the round, in one recorded act before the network goes.
  await page.locator('#phones summary').click();
  await accessible(page, 'the phones of the round');
  await picture(page, 'round-phones');
  await page.locator('#phones button').first().click();
  await page.locator('#phones', { hasText: '本轮 40 户的电话在手机上' }).waitFor();
  const phones = () => page.evaluate(() => new Promise((done, fail) => {
    const opening = indexedDB.open('baogong');
    opening.onerror = fail;
    opening.onsuccess = () => {
      const reading = opening.result.transaction('kept').objectStore('kept').getAllKeys();
      reading.onsuccess = () => done(reading.result.filter((k) => k.endsWith(' contacts')).length);
    };
  }));
  assert.equal(await phones(), 1);

  const tapped = [];
  const door = (room) => page.locator(`.door[data-address="E6-2-${room}"]`);
  const hand = async (room) => {
    await door(room).locator('.handed').click();
    await door(room).waitFor({ state: 'detached' });
    tapped.push(room);
  };
  await please('cut');
  await hand('1001'); // it may have reached the server: the undo is an act of its own
  await page.locator('#undo button').click();
  await door('1001').waitFor();
  await hand('1002');
  await hand('1003'); // it has not: it is never sent
  await page.locator('#undo button').click();
  await door('1003').waitFor();
  tapped.pop();
  await hand('1003');
  await hand('1004'); // which another phone has handed over meanwhile
  tapped.pop();
  await hand('1001');
  await door('901').locator('.handed').click();
  tapped.push('901');
  // Medicine needs more than the volunteer's word.
  await door('903').locator('.handed').click();
  await door('903').locator('input[inputmode=numeric]').fill('12');
  await door('903').locator('form button').click();
  await door('903').locator('[role=alert]').waitFor();
  await accessible(page, 'a proof');
  await door('903').locator('input[inputmode=numeric]').fill(digits);
  await door('903').locator('form button').click();
  await door('903').waitFor({ state: 'detached' });
  tapped.push('903');
  await hand('902');
  await hand('904');
  await door('802').locator('.failed').click();
  await accessible(page, 'a door that is not opened');
  await door('802').locator('[data-reason=ABSENT]').click();
  await door('802').waitFor({ state: 'detached' });
  await hand('801');
  await hand('803');
  await hand('804');
  await page.locator('#connection', { hasText: '条待发送' }).waitFor();

  // The page is closed and opened again, still without a network.
  await page.close();
  page = await open();
  await door('701').waitFor();
  assert.equal(await page.locator('.door').count(), 28);
  await page.locator('#connection', { hasText: '14 条待发送' }).waitFor();
  await door('701').locator('.more').click();
  await door('701').locator('a[href="tel:13800001234"]').waitFor(); // a number that was shown before is there
  for (const floor of [7, 6, 5, 4, 3, 2]) {
    await page.locator('.floor').first().click(); // all of a floor
    await door(`${floor}01`).waitFor({ state: 'detached' });
    tapped.push(...[1, 2, 3, 4].map((n) => `${floor}0${n}`));
  }
  await page.locator('#done summary').click();
  await picture(page, 'round-offline');
  await accessible(page, 'the round without a network');
  await page.locator('#leave').click(); // signing out warns
  await page.locator('#waits button').last().click();

  await please('deliver 1004');
  await please('mend');
  await sent(page);
  const card = page.locator('.card');
  await card.waitFor();
  assert.match(await card.innerText(), /已送达：E6-2-1004[\s\S]*赵\*\*已于 .*送达/);
  await picture(page, 'round-refused');
  await accessible(page, 'a refused act');
  await card.locator('button').click();
  await card.waitFor({ state: 'detached' });

  // A storage that is full: acts are sent all the same, and the page says so.
  await page.evaluate(() => {
    const { add, put } = IDBObjectStore.prototype;
    const full = () => { throw new DOMException('The storage is full.', 'QuotaExceededError'); };
    Object.assign(IDBObjectStore.prototype, { add: full, put: full });
    globalThis.room = () => Object.assign(IDBObjectStore.prototype, { add, put });
  });
  await hand('104');
  await page.locator('#trouble').waitFor();
  await sent(page);
  await accessible(page, 'a full storage');
  await page.evaluate(() => globalThis.room());
  for (const room of ['101', '102', '103']) await hand(room);
  await page.locator('#end').click();
  await sent(page);
  await page.locator('#shelf').waitFor(); // the door that was not opened waits there
  assert.equal(await phones(), 0, 'phone numbers stay after the round');
  await page.reload();
  await page.locator('#shelf').waitFor();
  assert.equal(await page.locator('a[href^="tel:138"]').count() + await phones(), 0, 'phone numbers are there again');
  await picture(page, 'round-ended');

  // The errand that the volunteer runs: set out, and then it can be handed over.
  await page.locator('#errands .go').click();
  await sent(page);
  await page.locator('#errands h3', { hasText: '配送中' }).waitFor();
  await page.locator('#errands .go').click();
  await page.locator('#errands .proofs textarea').waitFor();
  await accessible(page, 'an errand');
  await picture(page, 'round-errand');

  // A screen of 320 px with the text at 200 %.
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than a small phone');
  await please(`tapped ${tapped.join(' ')}`);
});

// sent waits until nothing waits to be sent.
const sent = (page) => page.locator('#connection', { hasText: '实时' }).waitFor();
