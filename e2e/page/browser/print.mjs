// Prints the manifest and the labels of the estate, as a member of the duty squad and as a supplier. Arguments: the server's address, the codes of the member,
// of the supplier and of a household, the ids of a building, an arrival and an order, and the texts of the order's labels.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, member, supplier, household, building, arrival, order, labels;

async function enter(open, code, path) {
  const page = await open(`${base}/sign-in#${code}`);
  await accept(page, /\S/);
  await page.goto(base + path);
  return page;
}

const sheets = (pdf) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;

// whole checks that nothing is cut off, and that the page is no wider than the screen.
async function whole(page, width) {
  await page.setViewportSize({ width, height: 800 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than ${width} px`);
  const cut = await page.evaluate(() => [...document.querySelectorAll('.label')].filter((l) => [...l.children].some((e) => {
    const [box, around] = [e.getBoundingClientRect(), l.getBoundingClientRect()];
    return box.bottom > around.bottom + 1 || box.right > around.right + 1 || box.top < around.top - 1;
  }) || [...l.querySelectorAll('p')].some((p) => p.getBoundingClientRect().top < l.querySelector('b').getBoundingClientRect().bottom - 1)).map((l) => l.innerText));
  assert.deepEqual(cut, [], `cut off at ${width} px`);
}

async function prints({ open, picture, sizes, pictures, shows }) {
  const stranger = await open(`${base}/print/manifest`);
  await stranger.locator('main a').click(); // it leads back
  await stranger.waitForURL(`${base}/sign-in`);
  await stranger.locator('#code').fill(member);
  await stranger.locator('#enter').click();
  await stranger.waitForURL(`${base}/print/manifest`);
  const page = stranger;
  await shows(page, 'h1', '分拣单');
  await shows(page, '#count', '4 单');
  await accessible(page, 'the manifest');
  assert.deepEqual(await page.locator('h2').evaluateAll((all) => all.map((e) => e.firstChild.textContent)), ['E6', 'E7'], 'buildings by code');
  assert.deepEqual(await page.locator('.building').first().locator('td:first-child').allInnerTexts(), ['14 层', '11 层', '12 层'], 'each unit from the top floor down');
  for (const text of labels) await shows(page, '.bag', text);
  await shows(page, '.marks', '冷链');
  for (const width of [320, 1280]) await whole(page, width);
  await sizes(page, 'manifest');
  await page.setViewportSize({ width: 320, height: 640 });
  await picture(page, 'manifest-320');
  const paper = (name) => page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, `${name}.pdf`) }) });
  assert.equal(sheets(await paper('manifest')), 2, 'a page for each building');

  await page.locator('#of').selectOption({ label: 'E7' });
  await page.waitForURL(/manifest\/.+/);
  await shows(page, '#count', '1 单');
  await page.goto(`${base}/print/manifest/${arrival}`);
  await shows(page, '#count', '2 单');

  await page.locator('#other').click();
  await page.waitForURL(`${base}/print/labels/${arrival}`);
  await page.goto(`${base}/print/labels/${building}`);
  await page.locator('.label').first().waitFor();
  const text = await page.locator('.label').allInnerTexts();
  assert.equal(text.length, 4, 'a label for each bag');
  for (const want of labels) {
    assert.ok(text.some((t) => want.split(' · ').every((part) => t.includes(part))), `no label says ${want}: ${text}`);
  }
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.label img')].every((i) => i.naturalWidth > 0)), 'a QR code is not drawn');
  for (const width of [320, 1280]) await whole(page, width);
  await sizes(page, 'labels');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.desk').isVisible(), false);
  for (const [count, want] of [[20, 2], [22, 3]]) { // ten to a sheet
    await page.evaluate((n) => {
      const box = document.querySelector('.labels');
      while (box.children.length < n) box.append(box.firstChild.cloneNode(true));
      box.firstChild.querySelector('b').className = 'longest'; // a long door, in the size that long doors have
      box.firstChild.querySelector('b').textContent = '东'.repeat(70);
    }, count);
    assert.equal(sheets(await paper(`labels-${count}`)), want, `${count} labels`);
  }
  const box = await page.locator('.label').first().boundingBox();
  assert.deepEqual([box.width, box.height].map((px) => Math.round((px / 96) * 254)), [991, 570], 'tenths of a millimetre of a label');
  await whole(page, 1280); // on paper, also where the door is long
  await page.emulateMedia({ media: 'screen' });
  await whole(page, 320);
  await page.goto(`${base}/print/labels/${order}`);
  await shows(page, '#count', '1 单');

  const shop = await enter(open, supplier, `/print/labels/${arrival}`);
  await shows(shop, '#count', '2 单');
  await shop.goto(`${base}/print/manifest`);
  await shows(shop, '[role=alert]', '不对您的角色开放');
  assert.equal(await shop.locator('.building').count(), 0, 'a supplier sees no manifest');

  const home = await enter(open, household, '/print/labels');
  await shows(home, '[role=alert]', '不对您的角色开放');
}

export default (args, visit) => {
  [base, member, supplier, household, building, arrival, order, ...labels] = args;
  return visit({ name: 'print', base, viewport: { width: 1280, height: 800 } }, prints);
};
