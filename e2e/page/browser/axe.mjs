// Finds what keeps people from using a page, by axe-core.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

// accessible fails if the page, as it is now, breaks a rule of WCAG 2.2 AA that axe knows, or one of those named only.
export async function accessible(page, state, only) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(source);
  const { violations } = await page.evaluate((runOnly) => axe.run(document, { runOnly, resultTypes: ['violations'] }), only ? { type: 'rule', values: only } : { type: 'tag', values: rules });
  const found = violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.html}\n    ${n.failureSummary}`).join('\n')}`);
  assert.deepEqual(found, [], `${state} breaks rules of accessibility`);
}
