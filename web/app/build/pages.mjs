// Lists the pages: the folders with a main.tsx, and the service worker.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function pages(root) {
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'main.tsx'))).sort();
  return Object.fromEntries(names.map((name) => [name, join(root, name, 'main.tsx')]));
}
