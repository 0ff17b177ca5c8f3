// Shared by the tests of the pages.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';

// visit runs act in contexts of the browser's own, the size of a phone unless told otherwise. It fails if act does, if a page asks another
// host than that of base (or of one of them, if base is a list), or if the browser complains; then it takes pictures, called after name, if
// there is a folder for pictures.
//
// please says what should happen next and returns when it has; shows waits for a text on a page; picture takes a picture; sizes checks the page at two sizes.
export async function visit({ browser, camera, please, pictures, screenshots, name, base, viewport = { width: 390, height: 844 } }, act) {
  const bases = [base].flat();
  const contexts = [];
  const requested = new Set();
  const complaints = [];

  // open opens an address in a context, or one of its own, which shares no sign-in with others.
  async function open(address, context) {
    const page = await (context ?? (await newContext())).newPage();
    page.setDefaultTimeout(30_000); // the machine may be busy
    page.on('request', (r) => requested.add(new URL(r.url())));
    page.on('websocket', (s) => requested.add(new URL(s.url())));
    page.on('pageerror', (e) => complaints.push(e.message));
    page.on('console', (m) => /Content Security Policy/.test(m.text()) && complaints.push(m.text()));
    await page.goto(address);
    return page;
  }
  async function newContext(options = {}) {
    const context = await browser.newContext({ viewport, locale: 'zh-CN', reducedMotion: 'reduce', ignoreHTTPSErrors: bases[0].startsWith('https:'), ...options }); // tests use self-signed certificates
    contexts.push(context);
    return context;
  }
  const shows = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor();
  const shoot = (page, folder, called) => page.screenshot({ path: join(folder, `${called}.png`), fullPage: true });
  const picture = (page, called) => pictures && shoot(page, pictures, called);
  // sizes checks a page on a phone or on a laptop, whichever the script's own size is not, and takes pictures of both.
  async function sizes(page, called) {
    const now = page.viewportSize();
    for (const [width, height] of [[390, 844], [1366, 768]]) {
      const other = (width < 700) !== (now.width < 700);
      if (!other && !screenshots) continue;
      await page.setViewportSize({ width, height });
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      if (screenshots) await shoot(page, screenshots, `${called}-${width}x${height}`);
      if (other) await accessible(page, `${called} at ${width} px`);
      await page.setViewportSize(now);
    }
  }

  try {
    await act({ camera, open, newContext, please, shows, picture, sizes, pictures });
    const here = bases.map((b) => new URL(b).host);
    assert.deepEqual([...requested].filter((u) => u.protocol !== 'data:' && !here.includes(u.host)).map(String), [], 'the page asked other hosts');
    assert.deepEqual(complaints, [], 'the browser complained');
  } catch (e) {
    for (const [i, page] of contexts.flatMap((c) => c.pages()).entries()) if (screenshots) await shoot(page, screenshots, `${name}-failed-${i}`);
    e.stack += complaints.map((c) => `\nThe browser complained: ${c}`).join('');
    throw e;
  } finally {
    await Promise.all(contexts.map((c) => c.close()));
  }
}

// accept confirms the sign-in page's question whether to sign in as the person of a link. The page then leads to the person's own page.
export async function accept(page, whose) {
  await page.locator('#whose', { hasText: whose }).waitFor();
  await page.locator('#accept').click();
  await becomes(page, () => document.readyState === 'complete' && (document.querySelector('#who') ?? !location.pathname.endsWith('/sign-in')));
}

// ask returns the answer to a query with a token.
export async function ask(base, token, query) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  return (await fetch(`${base}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })).json();
}

// becomes waits until a function of the page returns true. Playwright's default asks in each frame, so that Chromium draws sixty a second.
export const becomes = (page, holds, arg) => page.waitForFunction(holds, arg, { polling: 50 });

// signIn makes a token the sign-in of a page's browser, as a development sign-in does.
export async function signIn(page, base, token) {
  await page.goto(`${base}/healthz`);
  await page.evaluate((t) => localStorage.setItem('baogong:sign-in', JSON.stringify({ token: t, expiresAt: null, since: '2022-04-12T00:00:00Z' })), token);
}

// press moves the focus with Tab until it is on an element, and presses a key.
export async function press(page, selector, key = 'Enter') {
  await page.locator(selector).first().waitFor();
  for (let n = 0; n < 80; n++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return page.keyboard.press(key);
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${selector}`);
}
