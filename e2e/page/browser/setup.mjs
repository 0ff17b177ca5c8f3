// Sets up a community from spreadsheets and invites its people. Arguments: the server's address, the codes of an administrator and of a volunteer, and the folder of the
// spreadsheets.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept, ask } from './visit.mjs';

let base, administrator, volunteer, folder;

// sends chooses a file, which the page checks, and saves it.
async function sends(page, shows, file, called = file) {
  await page.locator('#file').setInputFiles({ name: called, mimeType: 'text/csv', buffer: await readFile(join(folder, file)) });
  await shows(page, '#outcome', '可以保存');
  await page.locator('#save').click();
  await shows(page, '#outcome', '已保存');
}

async function setsUp({ open, shows, picture, sizes }) {
  const stranger = await open(`${base}/sign-in#${volunteer}`);
  await accept(stranger, 'S01');
  await stranger.goto(`${base}/setup`);
  await shows(stranger, '[role=alert]', '不对您的角色开放');

  const page = await open(`${base}/sign-in#${administrator}`);
  await accept(page, /\S/);
  await page.goto(`${base}/setup`);
  await page.locator('#new summary').click();
  await accessible(page, "the administrator's choice");
  await page.locator('#name').fill('新雨小区');
  await page.locator('#short').fill('XINYU');
  await page.locator('#add').click();
  await shows(page, '#people', '还没有队员和商超');
  await sends(page, shows, '楼栋.csv');

  await page.locator('#file').setInputFiles(join(folder, '住户.csv'));
  await shows(page, '#outcome', '1 处有误');
  await shows(page, '#errors', /[A-Z]3/); // the cell
  assert.equal(await page.locator('#save').count(), 0, 'rows with errors can be saved as if they were right');
  await accessible(page, 'the report of errors');
  await picture(page, 'setup-errors');
  await sends(page, shows, '住户-2.csv', '住户.csv');
  for (const file of ['队员.csv', '商超.csv']) await sends(page, shows, file);

  assert.ok(await page.locator('#all').isChecked(), 'not all are chosen although none was ever invited');
  await page.locator('#people tr', { hasText: 'C01' }).locator('input').uncheck();
  await page.locator('#invite').click();
  await page.locator('.slip').nth(1).waitFor();
  const slips = await page.locator('.slip').allInnerTexts();
  assert.match(slips[0], /S01 · 保供 · E6[^]*新雨小区[^]*保供邀请码/);
  await page.locator('#desk-number').fill('12');
  await page.locator('#save-desk').click();
  await shows(page, '#desk .refused', '5 至 20 位');
  await page.locator('#desk-number').fill('（0717）668 8110');
  await page.locator('#save-desk').click();
  await shows(page, '#desk [role=status]', '已保存');
  await accessible(page, 'the sheet of invitations');
  await sizes(page, 'setup');
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than ${width} px`);
  }
  await page.locator('#people tr', { hasText: 'C01' }).locator('input').check();
  await page.locator('#invite').click();
  await page.locator('#not-printed').waitFor();

  const invited = await open(`${base}/sign-in#${slips[0].match(/[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/)[0]}`);
  await accept(invited, '新雨小区 · S01');
  const token = await invited.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in')).token);
  assert.equal((await ask(base, token, '{ me { community { code } } }')).data.me.community.code, 'XINYU');
}

export default (args, visit) => {
  [base, administrator, volunteer, folder] = args;
  return visit({ name: 'setup', base, viewport: { width: 1280, height: 800 } }, setsUp);
};
