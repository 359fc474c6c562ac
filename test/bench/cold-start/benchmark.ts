import path from 'node:path';
import { startServer } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { musterEnvironment, type Stage } from '../stage.ts';

const ROUNDS = 5;
const MAIN = new URL('../../../server/main.ts', import.meta.url);
const BARE = new URL('bare.ts', import.meta.url);

/** From spawn to the first `/api/health` with the database up, on a data folder that is migrated already. */
export async function coldStart(stage: Stage): Promise<Result> {
  const dataDir = path.join(stage.dir, 'cold');
  const answers = { path: '/api/health', expected: '"database":"up"' };
  const muster = { ...answers, env: musterEnvironment({ DATA_DIR: dataDir }) };
  // Both keep compiled code, as `npm start` does.
  const bare = {
    ...answers,
    env: { ...process.env, BENCH_POSTGRES: path.join(dataDir, 'postgres'), NODE_COMPILE_CACHE: path.join(stage.dir, 'compiled') },
  };
  const once = async (script: URL, options: typeof muster): Promise<number> => {
    await using server = await startServer(script, options);
    return server.readyMs;
  };

  await once(MAIN, muster); // makes and migrates the database
  await once(BARE, bare);
  const [bareMs, musterMs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    bareMs.push(await once(BARE, bare));
    musterMs.push(await once(MAIN, muster));
  }
  return {
    benchmark: 'Cold start: spawn to /api/health with the database up, migrated data folder',
    figures: [figure('bare Fastify + embedded PostgreSQL', bareMs), figure('Muster (npm start’s process)', musterMs)],
    ratios: [
      { what: 'Muster / bare', value: median(musterMs) / median(bareMs) },
      { what: 'Muster, seconds (p50)', value: median(musterMs) / 1000, most: 3 },
    ],
  };
}
