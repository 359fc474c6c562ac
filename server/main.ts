import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

enableCompileCache(path.resolve(import.meta.dirname, '../node_modules/.cache/muster'));

// Imported only now, so that the cache above serves them, too: a third of the time from start to listening.
const { default: closeWithGrace } = await import('close-with-grace');
const { loadConfig } = await import('./config.ts');
const { createLog } = await import('./kernel/log.ts');
const { lockDataDir } = await import('./kernel/postgres/data-lock.ts');
const { startPostgres } = await import('./kernel/postgres/launch.ts');
const { startFailure } = await import('./kernel/start-error.ts');

/** In the order of their start; ended from the last to the first. */
const parts: { name: string; end: () => unknown }[] = [];

async function endAll(onError: (error: unknown, name: string) => void): Promise<void> {
  for (let part = parts.pop(); part; part = parts.pop()) {
    const { name } = part;
    await Promise.try(part.end).catch((error: unknown) => onError(error, name));
  }
}

async function start(): Promise<void> {
  const config = loadConfig(process.env, process.argv.slice(2));
  const log = createLog(config.logLevel);
  const grace = closeWithGrace({ delay: 9500, logger: false }, async ({ err, signal }) => {
    // Ctrl-C under npm arrives twice, from the terminal and from npm: the second is no wish for haste.
    for (const again of ['SIGINT', 'SIGTERM']) process.removeAllListeners(again).on(again, () => {});
    if (err) log.fatal({ err }, 'ending after an error that nobody handled');
    else log.info({ signal }, 'ending');
    await endAll((error, name) => log.error({ err: error, part: name }, 'did not end well'));
    log.info('ended');
  });
  const crash = (lastWords: string) => {
    log.fatal({ lastWords }, 'PostgreSQL ended by itself');
    process.exitCode = 1;
    void grace.close();
  };

  // Several processes share a data folder only when they were joined on purpose.
  if (!(config.databaseUrl && config.redisUrl)) parts.push({ name: 'data folder', end: lockDataDir(config.dataDir) });
  const launch = async () => {
    if (config.databaseUrl) return config.databaseUrl;
    const postgres = await startPostgres({ dir: path.join(config.dataDir, 'postgres'), onCrash: crash });
    parts.push({ name: 'PostgreSQL', end: postgres.stop });
    return postgres.url();
  };
  const [databaseUrl, { createApp }] = await Promise.all([launch(), import('./app.ts')]);
  const app = await createApp({ config, databaseUrl, log });
  parts.push({ name: 'app', end: app.close });
  const link = await app.signInLink(); // first: it makes the administrator around whom the demo is built
  const demoPassword = config.demo ? await app.fillDemo() : null;
  const addresses = await app.listen();
  console.log(`\n  Muster is running: ${addresses.join('  ')}`);
  if (addresses.length > 1 && !config.tls)
    console.log('  Browsers give camera and microphone only to localhost and HTTPS: for other computers set TLS_CERT and TLS_KEY.');
  if (link) console.log(`  First sign-in (works once, for 24 hours): ${addresses[0]}${link}`);
  if (demoPassword) console.log(`  Everybody in the demo signs in with the password: ${demoPassword}`);
  console.log('  Ctrl-C ends it.\n');
}

try {
  await start();
} catch (error) {
  // The sentence comes last, below what the parts log while they end.
  await Promise.race([endAll(() => {}), sleep(5000)]);
  console.error(startFailure(error));
  process.exit(1);
}
