// A plugin that writes LICENSES.txt: the packages in the build, each with its licence.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function licenses() {
  return {
    name: 'licenses',
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const chunk of Object.values(bundle)) {
        for (const id of chunk.type === 'chunk' ? Object.keys(chunk.modules) : []) {
          const found = /^\0?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
          if (found) folders.add(found[1]);
        }
      }
      const texts = [...folders].map(read).sort();
      this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

// What packages contain under another licence.
const contained = {
  'zxing-wasm': '\nIt contains ZXing-C++ (Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0), compiled to WebAssembly.\n',
};

function read(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).sort().find((f) => /^licen[cs]e/i.test(f));
  if (!file) throw new Error(`${name} ${version} (${license}) has no licence text`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()}\n${contained[name] ?? ''}`;
}
