// Works at the phone desk by keyboard alone: orders for a caller, puts a call back, and logs one that is answered at once. Arguments: the server's address, and the
// codes of a member of the desk and of a volunteer of another squad.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { accept, press } from './visit.mjs';

let base, member, stranger;

async function answers({ open, shows, picture, sizes, please }) {
  const page = await open(`${base}/sign-in#${member}`);
  await accept(page, 'Q00');
  await page.waitForURL(`${base}/desk`);
  await shows(page, '#queue', '2 个已到时间');
  await accessible(page, 'the desk without a call');

  await page.keyboard.press('Alt+n'); // the urgent one
  await shows(page, '#call', 'E6-1-1103');
  await shows(page, '#call', '<img src=x'); // as text
  await press(page, '#goods', 'Enter'); // the first of the goods
  await press(page, 'input[name=consent]', 'Space');
  await press(page, '#read');
  await shows(page, '#sentence', '蔬菜包');
  await sizes(page, 'desk');
  await accessible(page, 'the desk with a sentence to read');
  await page.reload(); // the form survives
  await shows(page, '#call', 'E6-1-1103');
  await page.locator('#order .line').waitFor();
  await press(page, '#show');
  await page.locator('#number').waitFor();
  await press(page, '#read');
  await press(page, '#right');
  await shows(page, '#said', '下了单');

  await press(page, '#next'); // a caller without a household
  await shows(page, '#call', '0717');
  await page.locator('#later').fill('2000-01-01T09:00');
  await press(page, '#later + button');
  await shows(page, '#refused', /./); // as a sentence
  await press(page, '#unreached');
  await shows(page, '#said', '已放回队列');

  await press(page, '#which', 'Tab');
  await page.locator('#which').fill('E7-1-1103');
  await page.keyboard.press('Enter');
  await press(page, '.goods button');
  await page.locator('#text').fill('问问开门时间');
  await page.locator('#at-once').fill('十点');
  await press(page, '#save');
  await shows(page, '#said', '已记下并答复');
  await please('check');
  assert.notEqual(await page.title(), 'hacked');

  await page.setViewportSize({ width: 320, height: 640 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than a phone');
  await page.locator('#language').click();
  await shows(page, 'h1', 'Phone desk');
  assert.doesNotMatch(await page.locator('main').innerText(), /[\u4e00-\u9fff]/, 'Chinese on the English page');
  await picture(page, 'desk-320');

  const other = await open(`${base}/sign-in#${stranger}`);
  await accept(other, 'S01');
  await other.goto(`${base}/desk`);
  await other.locator('[role=alert]').waitFor();
}

export default (args, visit) => {
  [base, member, stranger] = args;
  return visit({ name: 'desk', base, viewport: { width: 1366, height: 768 } }, answers);
};
