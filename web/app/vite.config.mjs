import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

import { licenses } from './build/licenses.mjs';
import { pages } from './build/pages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

// The build is committed in dist/ and embedded in the program. Every machine builds the same bytes from the same lock file.
export default defineConfig({
  root: here,
  base: './', // addresses are relative, so that the program works behind a path prefix
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [licenses()],
  build: {
    target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: false, // the page's head names the chunks
    assetsInlineLimit: 0, // the policy allows no data: scripts or styles
    reportCompressedSize: false,
    rollupOptions: {
      input: pages(here),
      output: { entryFileNames: '[name]-[hash].js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name]-[hash][extname]' },
    },
  },
});
