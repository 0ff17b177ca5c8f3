// Keeps the page of a tracking link open while no event happens. Arguments: the link's address, and the time in milliseconds.
import assert from 'node:assert/strict';

export default ([link, quiet], visit) => visit({ name: 'quiet', base: new URL(link).origin }, async ({ newContext, please, shows }) => {
  const page = await (await newContext()).newPage();
  let streams = 0;
  page.on('request', (r) => r.url().endsWith('/events') && streams++);
  await page.goto(link);
  await shows(page, '#line', '实时');
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol), 'h2');
  await page.waitForTimeout(Number(quiet));
  await please('move');
  await shows(page, '#now', '配送中');
  assert.equal(streams, 1, 'the stream broke off and was opened again');
});
