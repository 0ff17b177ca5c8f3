// Runs tests of the pages side by side in one browser, until its input ends. Arguments: the browser's program and, optionally, a folder for
// pictures of every state, and one for pictures of each page on a phone and on a laptop. Lines are JSON. {id, script, args} starts a script. A script sends {id, please} to request an action. The test replies {id}
// when it is done. {id, ended} reports the result: "", or the error's stack.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { launch } from './launch.mjs';
import { visit } from './visit.mjs';

const [executablePath, pictures, screenshots] = process.argv.slice(2);
const camera = join(tmpdir(), `baogong-camera-${process.pid}.y4m`); // what its camera films, if a test writes it
const browser = await launch(executablePath, camera);
const granted = new Map(); // by the id of a script: resolves its request

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
    await test(args, (options, act) => visit({ browser, camera, please, pictures, screenshots: screenshots || pictures, ...options }, act));
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
rmSync(camera, { force: true });
