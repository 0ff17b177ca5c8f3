// Draws the PNG icons of the installed pages from web/icon.svg. Argument: Chromium's program.
import { readFileSync } from 'node:fs';

import { chromium } from 'playwright-core';

const here = new URL('.', import.meta.url);
const svg = readFileSync(new URL('../icon.svg', here), 'utf8');
const square = svg.replace(/ rx="\d+"/, ''); // phones cut the corners themselves
const inner = square.replace(/(<rect[^>]*>)(.*)<\/svg>/s, '$1<g transform="translate(51.2 51.2) scale(.8)">$2</g></svg>'); // within the circle that every mask keeps

const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [name, size, text] of [['icon-192', 192, svg], ['icon-512', 512, svg], ['icon-maskable-512', 512, inner], ['apple-touch-icon', 180, square]]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${text}`);
  await page.screenshot({ path: new URL(`${name}.png`, here).pathname, omitBackground: true });
}
await browser.close();
