// Goes on one round with two phones of the same volunteer, the second of which becomes full. Arguments: the address of a proxy before the server, and the
// volunteer's token.
import assert from 'node:assert/strict';

import { signIn } from './visit.mjs';

export default ([base, volunteer], visit) => visit({ name: 'phones', base }, async ({ open, newContext, please, shows }) => {
  const phones = [];
  for (let i = 0; i < 2; i++) {
    const page = await open('about:blank', await newContext());
    await signIn(page, base, volunteer);
    if (i === 1) await (await page.context().newCDPSession(page)).send('Storage.overrideQuotaForOrigin', { origin: new URL(base).origin, quotaSize: 3_000_000 });
    await page.goto(`${base}/round`);
    phones.push(page);
  }
  const [first, second] = phones;
  const door = (page, room) => page.locator(`.door[data-address$="-${room}"]`);
  const both = (act) => Promise.all(phones.map(act));
  await first.locator('.take').click();
  await both((p) => door(p, 1303).waitFor());
  await door(first, 1103).locator('.handed').click();
  await both((p) => door(p, 1103).waitFor({ state: 'detached' }));

  // Both hand the same bags over without a network: once is right, and the other phone says that it was done.
  await both((p) => shows(p, '#connection', '实时'));
  await please('cut');
  await both((p) => door(p, 1203).locator('.handed').click());
  await both((p) => shows(p, '#connection', '1 条待发送'));
  await please('mend');
  await both((p) => shows(p, '#connection', '实时'));
  const said = (await Promise.all(phones.map((p) => p.locator('.card').allInnerTexts()))).flat();
  assert.equal(said.length, 1, `one of the phones says that it was done: ${said}`);
  assert.match(said[0], /已送达/);

  // The storage of a phone is really full: it says so, and what was done is sent from the open page.
  await please('cut');
  await second.evaluate(async () => {
    const opened = indexedDB.open('baogong');
    await new Promise((done) => (opened.onsuccess = done));
    const keep = (size) => new Promise((done) => {
      const tx = opened.result.transaction('kept', 'readwrite');
      tx.oncomplete = () => done(true);
      tx.onabort = () => done(false);
      tx.objectStore('kept').put(crypto.getRandomValues(new Uint8Array(size)), `filling ${Math.random()}`); // the browser compresses other bytes
    });
    for (const size of [65_000, 1_000, 100]) while (await keep(size));
    opened.result.close();
  });
  await door(second, 1303).locator('.handed').click();
  await shows(second, '#trouble', '手机存储已满，无法保存。请保持此页打开，直到全部发出。');
  await shows(second, '#connection', '1 条待发送');
  await please('mend');
  await shows(second, '#connection', '实时');
  await door(second, 1303).waitFor({ state: 'detached' });
});
