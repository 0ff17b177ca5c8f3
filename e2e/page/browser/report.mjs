// Reads and prints the report of a day, as a lead and as an administrator, who chooses the community. Arguments: the server's address, the codes of the
// lead, of a volunteer and of the administrator, and the days of the report, the earlier one first.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, lead, volunteer, admin, before, today;

const number = (page, name) => page.locator('tr', { has: page.locator('th', { hasText: name }) }).first().locator('td').innerText();

async function reports({ open, picture, pictures, shows, sizes }) {
  const page = await open(`${base}/report`);
  await page.locator('main a').click(); // it leads back
  await page.waitForURL(`${base}/sign-in`);
  await page.locator('#code').fill(lead);
  await page.locator('#enter').click();
  await page.waitForURL(`${base}/report`);
  await shows(page, '#head', today);
  await accessible(page, 'the report');
  await sizes(page, 'report');
  const [table] = await Promise.all([page.waitForEvent('download'), page.locator('#csv').click()]);
  assert.equal(table.suggestedFilename(), `${today}.csv`);
  assert.equal(await number(page, '入户'), '1');
  assert.equal(await number(page, '门口到入户中位数'), '0');
  assert.equal(await number(page, '每工时入户单数'), '—', 'no one was on shift');
  assert.equal(await number(page, '代购支出'), '0.00');
  assert.equal(await page.locator('#community').count(), 0, 'a lead has one community');
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than ${width} px`);
    await picture(page, `report-${width}`);
  }
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#day').isVisible(), false);
  const pdf = await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'report.pdf') }) });
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length, 1, 'a day is one sheet');
  await page.emulateMedia({ media: 'screen' });

  await page.locator('#day').fill(before);
  await shows(page, '#head', before);
  assert.equal(await number(page, '入户'), '0');
  await page.reload();
  await shows(page, '#head', before);
  await page.locator('#day').fill('2099-01-01');
  await shows(page, '#said', /./);
  assert.equal(await page.locator('#numbers').count(), 0, 'no numbers of another day');

  const stranger = await open(`${base}/sign-in#${volunteer}`);
  await accept(stranger, /\S/);
  await stranger.goto(`${base}/report`);
  await shows(stranger, '[role=alert]', '不对您的角色开放');

  const all = await open(`${base}/sign-in#${admin}`);
  await accept(all, /\S/);
  await all.goto(`${base}/report`);
  await all.locator('#community option', { hasText: 'XILING' }).waitFor({ state: 'attached' });
  await all.locator('#community').selectOption(await all.locator('#community option', { hasText: 'XILING' }).getAttribute('value'));
  await shows(all, '#head', 'XILING');
  assert.equal(await number(all, '下单'), '0');
}

export default (args, visit) => {
  [base, lead, volunteer, admin, before, today] = args;
  return visit({ name: 'report', base, viewport: { width: 1280, height: 800 } }, reports);
};
