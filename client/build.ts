import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** `npm start` runs this first: the client is built when it is missing or older than what it is made of. */
const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['client', 'server/contract', 'package-lock.json'];
const BUILT = 'dist/client/index.html';

/** Of a file, or of the newest file in a folder; milliseconds since the epoch, 0 when there is nothing. */
async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs));
  return Math.max(0, ...times);
}

const sources = await Promise.all(SOURCES.map((path) => newest(join(root, path))));
const builtAt = await newest(join(root, BUILT));
if (builtAt < Math.max(...sources)) {
  const start = Date.now();
  process.stdout.write('Building the pages … ');
  await build({ configFile: join(root, 'client/vite.config.ts'), logLevel: 'error' });
  // As old as its start: a file that changed while it was being built makes it stale.
  await utimes(join(root, BUILT), start / 1000, start / 1000);
  process.stdout.write(`done in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
}
