// Watches an order on a phone by its link. Arguments: the link, the browser's program and, if they are wanted, a folder for
// pictures.
import assert from 'node:assert/strict';

import { visit } from './visit.mjs';

const [link, executablePath, pictures] = process.argv.slice(2);

await visit({ name: 'track', base: link, executablePath, pictures }, async ({ open, please, shows, picture }) => {
  const page = await open(link);
  await shows(page, '#now', '已下单');
  await shows(page, '#number', '#1');
  await please('move');
  await shows(page, '#now', '配送中');
  await shows(page, 'li.done.here', '配送中');
  assert.equal(await page.locator('li.done time').count(), 2);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');
  await picture(page, 'track');

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
