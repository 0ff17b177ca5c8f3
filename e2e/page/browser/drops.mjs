// Counts what carts left at a building, without a network too. Arguments: the address of a proxy before the server and the development sign-in of a volunteer of E6.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { becomes, signIn } from './visit.mjs';

export default ([base, volunteer], visit) => visit({ name: 'drops', base }, async ({ open, please, shows, picture, sizes }) => {
  const page = await open(`${base}/healthz`);
  await signIn(page, base, `dev:${volunteer}`);
  await page.goto(`${base}/round`);
  await shows(page, '#drops', '推车在 E6 卸下 2 袋：请清点');
  assert.equal(await page.locator('.drop').count(), 1, 'a drop of another building is listed');
  await becomes(page, () => navigator.serviceWorker.controller);
  const field = page.locator('.drop input');
  const record = page.locator('.drop button');
  assert.equal(await field.inputValue(), '');
  await sizes(page, 'round-drops');
  await picture(page, 'round-drops');
  await accessible(page, 'a drop to count');
  await page.locator('#language').click();
  await shows(page, '#drops', 'A cart left 2 bags at E6: count them');
  await field.fill('3');
  await shows(page, '.drop [role=status]', 'The cart says 2 and you counted 3.');
  await picture(page, 'round-drops-english');
  await field.fill('');
  await page.locator('#language').click();

  // Without a network, with a count that differs, and over a reload.
  await please('cut');
  await field.fill('1');
  await shows(page, '.drop [role=status]', '推车登记 2 袋，您数到 1 袋');
  await accessible(page, 'a count that differs');
  await sizes(page, 'round-drops-differ');
  await picture(page, 'round-drops-differ');
  await record.click();
  await page.locator('.drop').waitFor({ state: 'detached' });
  await shows(page, '#drops [role=status]', '待发送：E6 清点 1 袋');
  await shows(page, '#connection', '1 条待发送');
  await page.reload();
  await shows(page, '#shelf', '楼下待送');
  await shows(page, '#connection', '1 条待发送');
  assert.equal(await page.locator('.drop').count(), 0, 'a drop that was counted is asked for again');
  await please('mend');
  await shows(page, '#connection', '实时');
  await please('counted 1');

  // The next cart is there without a reload, and its count is right.
  await please('carry');
  await shows(page, '#drops', '推车在 E6 卸下 1 袋');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than a small phone');
  await field.fill('1');
  assert.equal(await page.locator('.drop [role=status]').isVisible(), false);
  await record.click();
  await page.locator('.drop').waitFor({ state: 'detached' });
  await shows(page, '#drops [role=status]', '已登记：E6 清点 1 袋');
  await please('counted 1');

  // Another person was faster.
  await please('carry');
  await page.locator('.drop').waitFor();
  await please('cut');
  await field.fill('1');
  await record.click();
  await shows(page, '#connection', '1 条待发送');
  await please('count');
  await please('mend');
  await shows(page, '.card', '该楼栋已清点：1 件');
  await page.locator('.drop').waitFor({ state: 'detached' });
});
