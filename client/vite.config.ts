import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';
import { operations } from '../server/contract/operations.ts';

const server = process.env.API ?? 'http://127.0.0.1:3000';
const contract = fileURLToPath(new URL('../server/contract/operations.ts', import.meta.url));

/** The browser needs method and path of each operation; the schemas and the schema library stay on the server, which checks. */
const slimContract: Plugin = {
  name: 'muster:slim-contract',
  enforce: 'pre',
  load(id) {
    if (id.split('?')[0] !== contract) return null;
    const slim = Object.fromEntries(Object.entries(operations).map(([name, { method, path }]) => [name, { method, path }]));
    return { code: `export const operations = ${JSON.stringify(slim)};`, map: null };
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [slimContract, svelte(), tailwindcss()],
  build: { outDir: '../dist/client', emptyOutDir: true, target: 'esnext', assetsInlineLimit: 0, reportCompressedSize: false },
  server: { host: '127.0.0.1', proxy: { '/api': server, '/socket.io': { target: server, ws: true } } },
});
