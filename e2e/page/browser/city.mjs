// The communities compared, as the city. Arguments: the server's address, the codes of the city and of a commander, and the ids of two communities.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, city, commander, busy, quiet;

async function compared({ open, shows, picture, sizes }) {
  const page = await open(`${base}/sign-in#${city}`);
  await accept(page, /\S/);
  await page.waitForURL(`${base}/city`); // it is the city's own page
  await shows(page, '#sentence', '2 个小区');
  await shows(page, '[data-community=XILING]', '<5'); // one order is about fewer than five households
  await page.locator('#sort').selectOption('households');
  assert.equal(await page.locator('[data-community=DCXY] [data-name=户数]').innerText(), '20');
  for (const row of ['DCXY', 'XILING']) await page.locator(`[data-community=${row}] input`).check();
  await shows(page, '.pair', '已下单');
  assert.equal(new URL(page.url()).searchParams.get('compare'), `${busy},${quiet}`);
  await accessible(page, 'two communities');
  await sizes(page, 'city');
  await page.locator('#language').click();
  await shows(page, '#sentence', '2 communities');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#print').isVisible(), false);
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than 320 px');
  await picture(page, 'city-320');

  const other = await open(`${base}/sign-in#${commander}`);
  await accept(other, /\S/);
  await other.goto(`${base}/city`);
  await shows(other, '.note', '此页面不对您的角色开放');
}

export default (args, visit) => {
  [base, city, commander, busy, quiet] = args;
  return visit({ name: 'city', base, viewport: { width: 1366, height: 768 } }, compared);
};
