// Watches an order on a phone by its link, on a bad line. Arguments: the link, and one of another order.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';

export default ([link, other], visit) => visit({ name: 'track', base: link }, async ({ open, please, shows, picture, sizes }) => {
  const page = await open(link);
  await shows(page, '#now', '已下单');
  await shows(page, '#number', '#1');
  await please('move DISPATCHED');
  await shows(page, '#now', '配送中');
  await shows(page, 'li.done.here', '配送中');
  assert.equal(await page.locator('#desk-phone').getAttribute('href'), 'tel:07176688110');
  assert.equal(await page.locator('li.done time').count(), 2);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');
  await accessible(page, 'the page of a link');
  await sizes(page, 'track');
  assert.equal(await page.locator('li.done time').first().innerText(), '2月18日 09:00', 'the time is not in the zone of the community');
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').filter((r) => r.name.endsWith('.js')).reduce((sum, r) => sum + r.encodedBodySize, 0));
  assert.ok(loaded < 20_000, `the page loads ${loaded} bytes of scripts`);

  // The line is cut, the order moves meanwhile, and the browser comes back by itself to what is true now.
  await page.evaluate(() => (window.same = true));
  await please('cut');
  await shows(page, '#line', '正在重连');
  await please('move AT_GATE');
  await shows(page, '#now', '配送中');
  await please('mend');
  await shows(page, '#now', '已到小区门口');
  await shows(page, '#line', '实时更新中');

  // What a proxy answers for a server that is away is no stream, and ends an EventSource for good: the page opens another.
  let away = 2;
  await page.route('**/events', (route) => (away-- > 0 ? route.fulfill({ status: 502 }) : route.continue()));
  await please('cut');
  await please('mend');
  await please('move SORTED');
  await shows(page, '#now', '已分拣');
  assert.ok(away < 0, 'the page did not ask past the answers that are no stream');
  assert.ok(await page.evaluate(() => window.same), 'the page was loaded again');

  // A stage that is taken back is explained.
  await please('undo');
  await shows(page, '#now', '已到小区门口');
  await shows(page, '#back', '“已分拣”登记有误，保供队已更正。');
  await please('move SORTED');
  await page.locator('#back').waitFor({ state: 'detached' });
  await please('fail');
  await shows(page, '#now', '已到楼栋');
  await shows(page, '#back', '队员会再来');
  await page.unroute('**/events');

  // A link that ends while the line is cut has ended when it is mended.
  const cut = await open(other);
  await shows(cut, '#now', '已下单');
  await please('cut');
  await please('revoke other');
  await please('mend');
  await shows(cut, '#now', '链接已失效');
  await shows(page, '#line', '实时更新中');

  await page.context().setOffline(true);
  await page.reload().catch(() => {});
  await page.waitForURL('chrome-error://chromewebdata/'); // the browser's own page, which would interrupt what is opened next
  await page.context().setOffline(false);
  await page.goto(link);
  await shows(page, '#line', '实时更新中');
  await please('revoke');
  await shows(page, '#now', '链接已失效');
  await picture(page, 'track-ended');

  await page.locator('#language').click();
  await shows(page, '#now', 'This link has ended');

  const wrong = await open(link.replace(/[^/]*$/, '7K2QM-0XH4D-R9TAE-5WBNC'));
  await shows(wrong, '#refused', '请重新索取');
  await accessible(wrong, 'a refused link');
});
