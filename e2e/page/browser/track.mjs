// Watches an order on a phone by its link, on a bad line. Arguments: the link, and one of another order.
import assert from 'node:assert/strict';

export default ([link, other], visit) => visit({ name: 'track', base: link }, async ({ open, please, shows, picture }) => {
  const page = await open(link);
  await shows(page, '#now', '已下单');
  await shows(page, '#number', '#1');
  await please('move DISPATCHED');
  await shows(page, '#now', '配送中');
  await shows(page, 'li.done.here', '配送中');
  assert.equal(await page.locator('li.done time').count(), 2);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');
  await picture(page, 'track');

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
  await page.context().setOffline(false);
  await page.goto(link);
  await shows(page, '#line', '实时更新中');
  await please('revoke');
  await shows(page, '#now', '链接已失效');
  await picture(page, 'track-ended');

  const wrong = await open(link.replace(/[^/]*$/, '7K2QM-0XH4D-R9TAE-5WBNC'));
  await shows(wrong, '#refused', '请重新索取');
});
