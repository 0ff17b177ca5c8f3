// The communities compared and the report of a day that is over, as the city. Arguments: the server's address, the codes of the city and of a commander, and the ids of two communities.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, city, commander, busy, quiet;

async function compared({ open, please, shows, picture, pictures, sizes }) {
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

  await please('night'); // the day ends
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.goto(`${base}/city`);
  await page.locator('#report').click();
  await reported(page, { shows, picture, pictures, sizes });
}

const day = '2020-02-18';

// reported reads the report of the day that is over, in English.
async function reported(page, { shows, picture, pictures, sizes }) {
  await shows(page, '#head', day);
  const cell = (community, name) => page.locator(`[data-community=${community}] [data-name="${name}"]`);
  await shows(page, '[data-community=DCXY] [data-name=Households]', '20');
  assert.equal(await cell('DCXY', 'Open').innerText(), '13');
  assert.match(await cell('XILING', 'Open').innerText(), /^<5/);
  await accessible(page, "the day's report");
  await sizes(page, 'city-day');
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['#back', '#day', '#print']) assert.equal(await page.locator(hidden).isVisible(), false, `${hidden} is printed`);
  await page.setViewportSize({ width: 1032, height: 703 }); // of A4 across, without its margins
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the table is wider than the sheet');
  await picture(page, 'city-day-print');
  const pdf = (await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'city-day.pdf') }) })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, 1, 'a day is one sheet');
  const [width, height] = pdf.match(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/).slice(1).map((n) => Math.round(n));
  assert.ok(Math.abs(width - 842) <= 1 && Math.abs(height - 595) <= 1, `the sheet is ${width} × ${height} points, want A4 across`);
  await page.emulateMedia({ media: 'screen' });
  assert.equal(await page.locator('#after').isDisabled(), true, 'the next day is not over');
  await page.locator('#before').click();
  await shows(page, '#refused', 'There are no numbers of this day.');
  assert.equal(new URL(page.url()).searchParams.get('report'), '2020-02-17');
  await page.locator('#day').fill('2099-01-01');
  await shows(page, '#refused', 'The day has not begun.');
  await page.locator('#day').fill(day);
  await shows(page, '#sentence', '2 communities');
  await page.locator('#language').click();
  await shows(page, '#head', `${day} 日报`);
  await page.setViewportSize({ width: 320, height: 640 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the report is wider than 320 px');
  await page.locator('#back').click();
  await shows(page, '#report', '查看日报');
}

export default (args, visit) => {
  [base, city, commander, busy, quiet] = args;
  return visit({ name: 'city', base, viewport: { width: 1366, height: 768 } }, compared);
};
