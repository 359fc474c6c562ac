/** `npm run audit:verify`: is the audit trail as it was written? Works beside a running server. Exit code 0: yes; 1: no; 2: it cannot be read. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { loadConfig } from './config.ts';
import { checkAudit } from './kernel/audit-check.ts';
import { lockDataDir } from './kernel/postgres/data-lock.ts';
import { startPostgres } from './kernel/postgres/launch.ts';
import { runningPostgres } from './kernel/postgres/running.ts';
import { StartError } from './kernel/start-error.ts';

/** Runs `work` on the database of the configuration; the embedded one is started for it when it does not run. */
async function withDatabase<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = loadConfig(process.env);
  const dir = path.join(dataDir, 'postgres');
  const known = databaseUrl ?? (await runningPostgres(dir));
  if (known) return work(known);
  if (!existsSync(path.join(dir, 'data'))) throw new StartError(`there is no database in ${dataDir}: set DATA_DIR or DATABASE_URL`);
  const release = lockDataDir(dataDir);
  try {
    const postgres = await startPostgres({ dir });
    return await work(postgres.url()).finally(postgres.stop);
  } finally {
    release();
  }
}

try {
  const { rows, chains, broken } = await withDatabase(async (databaseUrl) => {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    return checkAudit(client).finally(() => client.end());
  });
  if (broken) {
    const named = broken.id ? `row ${broken.seq} (${broken.id})` : `row ${broken.seq}`;
    console.error(`The audit trail is broken at ${named} of the chain ${broken.scope}: ${broken.why}. ${rows} rows before it are whole.`);
  } else console.log(`The audit trail is whole: ${rows} rows in ${chains} chains.`);
  process.exitCode = broken ? 1 : 0;
} catch (error) {
  console.error(`The audit trail could not be read: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
