// Reads and prints the report of a day, as a lead and as an administrator, who chooses the community. Arguments: the server's address, the codes of the
// lead, of a volunteer and of the administrator, and the days of the report, the earlier one first.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accept } from './visit.mjs';

let base, lead, volunteer, admin, before, today;

const number = (page, name) => page.locator('tr', { hasText: name }).locator('td').innerText();

async function reports({ open, picture, pictures, shows }) {
  const page = await open(`${base}/report`);
  await page.locator('#said a').click(); // it leads back
  await page.waitForURL(`${base}/sign-in`);
  await page.locator('#code').fill(lead);
  await page.locator('#enter').click();
  await page.waitForURL(`${base}/report`);
  await shows(page, '#head', today);
  assert.equal(await number(page, 'Orders handed over'), '1');
  assert.equal(await number(page, 'Minutes from gate to door, median'), '0');
  assert.equal(await number(page, 'Orders per person-hour'), '—', 'no one was on shift');
  assert.equal(await number(page, 'Spent at shops (yuan)'), '0.00');
  assert.equal(await page.locator('#community').isVisible(), false, 'a lead has one community');
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than ${width} px`);
    await picture(page, `report-${width}`);
  }
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.desk').isVisible(), false);
  const pdf = await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'report.pdf') }) });
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length, 1, 'a day is one sheet');
  await page.emulateMedia({ media: 'screen' });

  await page.locator('#day').fill(before);
  await shows(page, '#head', before);
  assert.equal(await number(page, 'Orders handed over'), '0');
  await page.reload();
  await shows(page, '#head', before);
  await page.locator('#day').fill('2099-01-01');
  await shows(page, '#said', 'The day has not begun.');
  assert.equal(await page.locator('#numbers').isVisible(), false, 'no numbers of another day');

  const stranger = await open(`${base}/sign-in#${volunteer}`);
  await accept(stranger, /\S/);
  await stranger.goto(`${base}/report`);
  await shows(stranger, '#said', 'Sign in as a lead');

  const all = await open(`${base}/sign-in#${admin}`);
  await accept(all, /\S/);
  await all.goto(`${base}/report`);
  await shows(all, '#head', today);
  await all.locator('#community').selectOption(await all.locator('#community option', { hasText: 'XILING' }).getAttribute('value'));
  await shows(all, '#head', 'XILING');
  assert.equal(await number(all, 'Orders placed'), '0');
}

export default (args, visit) => {
  [base, lead, volunteer, admin, before, today] = args;
  return visit({ name: 'report', base, viewport: { width: 1280, height: 800 } }, reports);
};
