// Keeps the sign-in page open while no event happens. Arguments: the server's address, a resident's token, and the time in
// milliseconds.
import assert from 'node:assert/strict';

export default ([base, token, quiet], visit) => visit({ name: 'quiet', base }, async ({ open, please, shows }) => {
  const page = await open(`${base}/sign-in`);
  let streams = 0;
  page.on('request', (r) => (r.postData() ?? '').includes('subscription') && streams++);
  await page.evaluate((t) => {
    const [since, expiresAt] = [new Date(), new Date(Date.now() + 86_400_000)];
    localStorage.setItem('baogong:sign-in', JSON.stringify({ token: t, since, expiresAt }));
  }, token);
  await page.reload();
  await shows(page, '#orders li', '#1 已下单');
  await shows(page, '#line', 'Live');
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol), 'h2');
  await page.waitForTimeout(Number(quiet));
  assert.match(await page.locator('#line').innerText(), /Live/);
  await please('move');
  await shows(page, '#orders li', '#1 配送中');
  assert.equal(streams, 1, 'the stream broke off and was opened again');
});
