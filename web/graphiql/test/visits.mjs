// Runs tests of the pages side by side in one browser, until its input ends. Arguments: the browser's program and, optionally, a folder for
// pictures. A line of input is JSON: {id, script, args} starts a test; {id} says that what the test wished for has happened. A line of
// output is {id, please} for a wish, and {id, ended} for a test's end, with the reason if it failed.
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

import { visit } from './visit.mjs';

const [executablePath, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const granted = new Map(); // by the id of a test: resolves its wish

function say(line) {
  console.log(JSON.stringify(line));
}

async function run({ id, script, args }) {
  const please = (what) => new Promise((resolve) => {
    granted.set(id, resolve);
    say({ id, please: what });
  });
  try {
    const { default: test } = await import(`./${script}?${id}`); // a module of its own, with its own variables
    await test(args, (options, act) => visit({ browser, please, pictures, ...options }, act));
    say({ id, ended: '' });
  } catch (e) {
    say({ id, ended: e.stack });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.script) void run(told);
  else granted.get(told.id)();
}
await browser.close();
