/** A whole Muster whose transactions are timed from outside: the product itself measures nothing. */
import { createApp } from '../../../server/app.ts';
import { loadConfig } from '../../../server/config.ts';
import type { Actor } from '../../../server/kernel/actor.ts';
import type { Tx } from '../../../server/kernel/database.ts';
import { createLog } from '../../../server/kernel/log.ts';
import { answer } from '../child.ts';

/** Of one transaction of a signed-in user: all of `Database.transact`, and the part of it that the use case itself took. */
export type Transaction = { ms: number; workMs: number };

const config = loadConfig(process.env);
if (!config.databaseUrl) throw new Error('needs DATABASE_URL');
const app = await createApp({ config, databaseUrl: config.databaseUrl, log: createLog(config.logLevel) });

const seen: Transaction[] = [];
const { database } = app;
const transact = database.transact.bind(database);
database.transact = async <T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> => {
  const started = performance.now();
  let workMs = 0;
  const result = await transact(actor, async (tx) => {
    const begun = performance.now();
    const done = await work(tx);
    workMs = performance.now() - begun;
    return done;
  });
  if (actor.type === 'user') seen.push({ ms: performance.now() - started, workMs });
  return result;
};

await app.signInLink(); // makes the administrator of the environment
const [origin] = await app.listen();
answer({ origin: () => origin, transactions: (): Transaction[] => seen.splice(0) });
process.once('SIGTERM', () => void app.close().then(() => process.exit()));
