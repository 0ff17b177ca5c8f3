// Bundles the page into dist/, the same bytes on every machine: `npm ci && make web`. A folder given as argument takes
// dist/'s place. Everything is packed here, by a packer written in JavaScript, since zlib's output varies between versions.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { gzipSync } from 'fflate';

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(process.argv[2] ?? join(here, 'dist'));

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/app.jsx' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'iife',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none', // LICENSES.txt has them all
  logLevel: 'warning',
  plugins: [{ name: 'system fonts', setup: systemFonts }],
});

// systemFonts leaves out the fonts that GraphiQL's styles carry: they are two thirds of the bundle, and know no Chinese.
function systemFonts({ onLoad }) {
  onLoad({ filter: /graphiql[\\/].*\.css$/ }, async ({ path }) => ({
    contents: (await readFile(path, 'utf8')).replace(/@font-face\s*\{[^}]*\}/g, ''),
    loader: 'css',
  }));
}

// licenses lists what went into the bundle, with each package's licence. Where a package forgot the text, MIT's stands under
// the name of its author.
async function licenses() {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) folders.add(join(here, found[1]));
  }
  const terms = (await readFile(fileURLToPath(import.meta.resolve('graphiql/package.json')).replace('package.json', 'LICENSE'), 'utf8')).split(/(?=Permission is hereby granted)/)[1];
  const texts = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license, author, repository } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).sort().find((f) => /^licen[cs]e/i.test(f));
    if (!file && license !== 'MIT') throw new Error(`${name} ${version} carries no licence`);
    const text = file
      ? await readFile(join(folder, file), 'utf8')
      : `Copyright (c) ${author?.name ?? author ?? `the authors of ${repository?.url ?? name}`}\n\n${terms}`;
    texts.push(`${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const file of outputFiles) {
  const name = file.path.slice(join(here, 'dist').length + 1);
  await writeFile(join(dist, name + '.gz'), gzipSync(file.contents, { level: 9, mtime: 0 }));
}
await writeFile(join(dist, 'LICENSES.txt'), await licenses());
