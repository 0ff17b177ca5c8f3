// Shows what was ordered and what is expected, as the commander and as a lead on a small phone with the text at 200 %; a volunteer may not. Arguments: the
// server's address and the codes of the commander, of a lead, of a volunteer and of a member of the phone desk.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, commander, lead, volunteer, desk;

const fits = async (page, state) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state} is wider than the screen`);

async function numbers({ open, newContext, picture, pictures, shows, sizes }) {
  const page = await open(`${base}/sign-in#${commander}`);
  await accept(page, /\S/);
  await page.goto(`${base}/needs`);
  await shows(page, '#headline', /约 310 单，十天中有九天不少于 80 单，也有九天不超过 900 单/);
  await shows(page, '#score', /最近 14 天的预测误差为 \d+\.\d %/);
  await shows(page, '#buildings', /E6\s*12\.5\s*8 – 17/);
  await shows(page, '#items', /<img src=x.*菜包\s*40 袋\s*30 – 52/);
  await shows(page, '#demand', /290 单，90 户/);
  await page.locator('#demand .chart canvas').waitFor();
  assert.equal(await page.evaluate(() => window.hit), undefined, 'an item is text');
  await page.locator('#demand summary').click();
  assert.equal(await page.locator('#days tbody tr').count(), 20);

  // The rest of the needs analysis: work, gaps, what was not had, who was not reached, needs.
  await shows(page, '#hands', /310 单，各岗位共需 \d+\.\d 工时/);
  assert.equal(await page.locator('#links tbody tr').count(), 4);
  await shows(page, '#gaps', /菜/);
  await page.locator('#share').fill('50');
  await shows(page, '#gap', /不足|足够/);
  assert.equal(await page.locator('#unmetdays tbody tr').count(), 7);
  await shows(page, '#reach', /户未触达/);
  await shows(page, '#byneed', '婴幼儿');
  for (const noun of ['gap', 'unmet', 'reach', 'needs', 'hands', 'scores']) {
    const [table] = await Promise.all([page.waitForEvent('download'), page.locator(`#csv-${noun}`).click()]);
    assert.equal(table.suggestedFilename(), `${noun}.csv`);
  }
  await accessible(page, 'the needs');
  for (const width of [320, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await fits(page, `the page at ${width} px`);
    await picture(page, `needs-${width}`);
  }
  await sizes(page, 'needs');
  await page.emulateMedia({ media: 'print' });
  const pdf = await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'needs.pdf') }) });
  assert.ok(pdf.length > 0);
  await page.emulateMedia({ media: 'screen' });
  await page.locator('#language').click();
  await shows(page, '#headline', 'about 310 orders');

  const context = await newContext();
  await context.addInitScript(() => addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '200%')));
  const small = await open(`${base}/sign-in#${lead}`, context);
  await small.setViewportSize({ width: 320, height: 640 });
  await accept(small, /\S/);
  await small.goto(`${base}/needs`);
  await shows(small, '#headline', '310');
  await small.locator('#demand .chart canvas').waitFor();
  await small.locator('#reach table').waitFor();
  assert.equal(await small.locator('#households').count(), 0, 'the needs of households are not for this lead');
  await fits(small, "the lead's page");
  await accessible(small, "the lead's page");

  const stranger = await open(`${base}/sign-in#${volunteer}`);
  await accept(stranger, /\S/);
  await stranger.goto(`${base}/needs`);
  await shows(stranger, '[role=alert]', '不对您的角色开放');

  const phones = await open(`${base}/sign-in#${desk}`);
  await accept(phones, /\S/);
  await phones.goto(`${base}/needs`);
  await shows(phones, '#byneed', '婴幼儿');
  await shows(phones, '#reach', /户未触达/);
  assert.equal(await phones.locator('#forecast, #demand, #gap, #unmet, #hands, [role=alert]').count(), 0, 'only what the phone desk may see');
}

export default (args, visit) => {
  [base, commander, lead, volunteer, desk] = args;
  return visit({ name: 'needs', base, viewport: { width: 1280, height: 800 } }, numbers);
};
