// Rehearses tomorrow as the commander: saves a scenario, loads it again, compares it with another, makes it the plan of the day, prints the answer, and archives it; then as a lead on a
// small phone with the text at 200 %, and as a volunteer, who may not. With a folder for pictures it writes those of docs/evening-before.md
// (evening-1.png …). Arguments: the server's address, the codes of the commander, of a lead and of a volunteer, and the name of the first scenario.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept, becomes, press } from './visit.mjs';

let base, commander, lead, volunteer, name;

const drawn = (page, within) => page.locator(`${within} .chart canvas`).first().waitFor();
const fits = async (page, state) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state} is wider than the screen`);

async function evening({ open, newContext, picture, pictures, shows, sizes }) {
  const document = (page, number) => pictures && page.screenshot({ path: join(pictures, `evening-${number}.png`) });
  const page = await open(`${base}/sign-in#${commander}`);
  await accept(page, /\S/);
  await page.waitForURL(`${base}/board`);
  await page.locator('#others a[href$=rehearsal]').click();
  await page.locator('#form').waitFor();
  await shows(page, '#refused', '没有要配送的订单'); // nothing is announced, and nothing was ordered
  await shows(page, '#none', '还没有保存的预案');
  await fits(page, 'the refused page');
  await accessible(page, 'the refused page');

  await page.locator('#orders').fill('1230');
  await page.locator('#settle').fill('30');
  await page.locator('#duty').fill('16');
  await page.locator('#carts').fill('4');
  await page.locator('#supply').fill('66');
  await press(page, '#run');
  await shows(page, '#headline', /18:00 前全部送到：100 天中 \d+ 天。一半的日子 \d+:\d\d 前送完。/);
  await drawn(page, '#answer');
  for (const [id, least] of [['#advice li', 2], ['#stations tbody tr', 4], ['#hours tbody tr', 5], ['#more li', 4], ['#whatifs tbody tr', 5], ['#times tbody tr', 5]]) {
    assert.ok((await page.locator(id).count()) >= least, `at least ${least} of ${id}`);
  }
  await shows(page, '#times tbody', /药品（最先送）\s*占 10%\s*假定/);
  assert.equal(await page.locator('#cartBags').getAttribute('placeholder'), '20');
  await accessible(page, 'the answer');
  await page.evaluate(() => scrollTo(0, 0));
  await document(page, 1);
  await page.evaluate(() => document.getElementById('answer').scrollIntoView({ block: 'start' }));
  await document(page, 2);

  // Saved, found again after a reload, and changed.
  await page.locator('#name').fill('照常');
  await page.locator('#save').click();
  await shows(page, '#current', '照常');
  assert.ok(new URL(page.url()).searchParams.get('scenario'), 'the address names the scenario');
  await page.reload();
  await shows(page, '#current', '照常');
  await shows(page, '#headline', '18:00');
  assert.equal(await page.locator('#orders').inputValue(), '1230');
  await page.locator('#orders').fill('1300');
  await shows(page, '#stale', '请重新模拟');
  await page.locator('#overwrite').click();
  await shows(page, '#saved [role=status]', '已保存');

  // A second one with everything that a form has; it is the same after it was saved and opened.
  await page.locator('#orders').fill('1230');
  await page.locator('#settle').fill('0');
  await page.locator('#carts').fill('5');
  await page.locator('#supply').fill('60');
  await page.locator('#absent').fill('10');
  await page.locator('#by').fill('17:30');
  await page.locator('#earlier').selectOption('60');
  await page.locator('#lifts').check();
  await page.locator('#medicine').fill('12.5');
  await page.locator('#firstCome').check();
  await page.locator('#held summary').click();
  await page.locator('#held .add').click();
  await page.locator('#held-0-building').selectOption({ label: 'E7' });
  await page.locator('#later summary').click();
  await page.locator('#later .add').click();
  await page.locator('#later-0-from').fill('13:00');
  await page.locator('#name').fill('不静置');
  await page.locator('#save').click();
  await shows(page, '#current', '不静置');
  await page.locator('#run').click();
  await shows(page, '#headline', '17:30');
  await shows(page, '#changes', /药品订单（%） 12.5.*先到先送.*电梯停用.*提前 60 分钟.*E7 16:00–18:00/);
  const kept = () => page.locator('#form').evaluate((form) => [...form.querySelectorAll('input, select')].map((i) => `${i.id} ${i.type === 'checkbox' ? i.checked : i.value}`).join('\n'));
  const written = await kept();
  await page.reload();
  await shows(page, '#headline', '17:30');
  assert.equal(await kept(), written, 'a saved scenario keeps every value');
  await accessible(page, 'the form with its lists');

  // What is no time yet stays as it is typed, and is not asked for.
  await page.locator('#later-0-from').evaluate((field) => {
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await page.locator('#compare').click();
  assert.equal(await page.locator('#form').evaluate((form) => form.checkValidity()), false);
  assert.equal(await page.locator('#difference').count(), 0);
  await page.locator('#later-0-from').fill('13:00');

  // Side by side with the first.
  await page.locator('#lifts').uncheck();
  await page.locator('#held .remove').first().click();
  await page.locator('#later .remove').first().click();
  await page.locator('#absent').fill('');
  await page.locator('#against').selectOption({ label: '照常' });
  await page.locator('#compare').click();
  await shows(page, '#difference', /预案二每单快 \d/);
  await drawn(page, '#compared');
  assert.equal(await page.locator('#sides thead th').count(), 3);
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.evaluate(() => document.getElementById('compared').scrollIntoView({ block: 'start' }));
  await document(page, 3);
  await accessible(page, 'two scenarios');
  for (const width of [320, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await fits(page, `the page at ${width} px`);
    await picture(page, `rehearsal-${width}`);
  }
  await sizes(page, 'rehearsal');

  // It becomes the plan of tomorrow; a day that has begun has no such button, and one that is too far ahead is refused.
  await page.locator('#plan').click();
  await shows(page, '#planned [role=status]', /的计划已定：.*17:30 前全部送到的可能为 \d+%/);
  const tomorrow = await page.locator('#day').inputValue();
  await page.locator('#day').fill('2099-01-01');
  await page.locator('#plan').click();
  await shows(page, '#planned .refused', /\S/);
  await page.locator('#day').fill('2020-01-01');
  await page.locator('#plan').waitFor({ state: 'detached' });
  await page.locator('#day').fill(tomorrow);

  // Paper has the answer without the form.
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#form').isVisible(), false);
  assert.equal(await page.locator('#headline').isVisible(), true);
  const pdf = await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'rehearsal.pdf') }) });
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
  assert.ok(sheets <= 5, `two days side by side are ${sheets} sheets`);
  await page.emulateMedia({ media: 'screen' });

  // A hostile name is text.
  await page.locator('#open').selectOption({ label: '照常' });
  await shows(page, '#current', '照常');
  assert.equal(await page.locator('#orders').inputValue(), '1300');
  await page.locator('#name').fill(name);
  await page.locator('#overwrite').click();
  await shows(page, '#current', name);
  await page.locator('#against').selectOption({ label: name });
  await page.locator('#compare').click();
  await shows(page, '#sides', name);
  await page.setViewportSize({ width: 320, height: 900 });
  await fits(page, 'a hostile name on a phone');
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.equal(await page.evaluate(() => window.hit), undefined);

  // Archived ones are not offered.
  await page.locator('#archive').click();
  await shows(page, '#current', '未保存');
  assert.deepEqual(await page.locator('#open option').allInnerTexts(), ['小区现状', '不静置']);

  await page.locator('#language').click();
  await shows(page, '#saved h2', 'Saved scenarios');
  await shows(page, '#advice li', 'The chance that'); // the server's sentences, too
  await page.locator('#orders').fill('600');
  await page.locator('#run').click();
  await page.locator('#running').waitFor({ state: 'detached' });
  await shows(page, '#headline', /All by 18:00: \d+ of 100 days\. Half of the days are clear by \d+:\d\d\./);
  const said = await page.locator('#answer > section, #headline, #changes, #form').allInnerTexts();
  assert.deepEqual(said.filter((t) => /\p{Script=Han}/u.test(t)), [], 'no page mixes languages');

  // A lead on a small phone, with large text.
  const context = await newContext();
  await context.addInitScript(() => addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '200%')));
  const small = await open(`${base}/sign-in#${lead}`, context);
  await small.setViewportSize({ width: 320, height: 640 });
  await accept(small, /\S/);
  await small.goto(`${base}/rehearsal`);
  await small.locator('#open').selectOption({ label: '不静置' });
  await shows(small, '#headline', '17:30');
  await drawn(small, '#answer');
  await fits(small, "the lead's page");
  await accessible(small, "the lead's page");
  await small.emulateMedia({ colorScheme: 'dark' });
  await accessible(small, "the lead's page, dark", ['color-contrast']);
  await small.emulateMedia({ colorScheme: 'light' });
  await small.evaluate(() => (document.documentElement.style.fontSize = ''));
  await small.setViewportSize({ width: 390, height: 844 });
  await small.evaluate(() => document.getElementById('head').scrollIntoView({ block: 'start' }));
  await becomes(small, () => scrollY > 0);
  await document(small, 4);

  // Open over midnight, the saved scenario keeps its times.
  await small.clock.setFixedTime(Date.now() + 86_400_000);
  await becomes(small, () => !document.querySelector('label[for=day]').textContent.includes('明天'));
  await small.locator('#open').selectOption({ index: 0 });
  await shows(small, '#current', '未保存');
  await becomes(small, () => !document.querySelector('#running'));
  await small.locator('#open').selectOption({ label: '不静置' });
  await shows(small, '#current', '不静置');
  assert.deepEqual(await Promise.all(['#by', '#held-0-from', '#later-0-from'].map((id) => small.locator(id).inputValue())), ['17:30', '16:00', '13:00']);

  const stranger = await open(`${base}/sign-in#${volunteer}`);
  await accept(stranger, /\S/);
  await stranger.goto(`${base}/rehearsal`);
  await shows(stranger, '[role=alert]', '不对您的角色开放');
}

export default (args, visit) => {
  [base, commander, lead, volunteer, name] = args;
  return visit({ name: 'rehearsal', base, viewport: { width: 1280, height: 800 } }, evening);
};
