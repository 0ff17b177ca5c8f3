// Opens a resident's orders on a slow phone for the first time, right after signing in, and says when the sentence is readable. Arguments: the server's
// address and a token.
import { ask } from './visit.mjs';

const kilobit = 1000 / 8; // bytes

export default ([base, token], visit) => visit({ name: 'slow', base }, async ({ newContext, please }) => {
  const page = await (await newContext()).newPage();
  await page.goto(`${base}/healthz`);
  const { data: { me } } = await ask(base, token, '{ me { name role community { id code name timeZone } volunteer { id } supplier { id } household { id address } } }');
  await page.evaluate(([t, who]) => { // as the sign-in page leaves it
    localStorage.setItem('baogong:sign-in', JSON.stringify({ token: t, expiresAt: null, since: new Date().toISOString() }));
    localStorage.setItem('baogong:viewer', JSON.stringify({ token: t, me: who }));
  }, [token, me]);
  await page.addInitScript(() => {
    const look = () => (document.querySelector('.sentence')?.textContent ? (window.readable = performance.now()) : requestAnimationFrame(look));
    look();
  });
  const phone = await page.context().newCDPSession(page);
  await phone.send('Network.enable');
  await phone.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 400 * kilobit, uploadThroughput: 400 * kilobit });
  await phone.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await page.goto(`${base}/my`, { waitUntil: 'commit' });
  await page.waitForFunction(() => window.readable, null, { polling: 200 });
  const [readable, bytes] = await page.evaluate(() => [window.readable, ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
    .filter((r) => !r.name.endsWith('/graphql')).reduce((sum, r) => sum + r.encodedBodySize, 0)]);
  await please(JSON.stringify({ readable, bytes }));
});
