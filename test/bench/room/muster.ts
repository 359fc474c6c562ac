/** A whole Muster that says how much memory it holds and how late its event loop runs. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createApp } from '../../../server/app.ts';
import { loadConfig } from '../../../server/config.ts';
import { createLog } from '../../../server/kernel/log.ts';
import { answer } from '../child.ts';

const config = loadConfig(process.env);
if (!config.databaseUrl) throw new Error('needs DATABASE_URL');
const app = await createApp({ config, databaseUrl: config.databaseUrl, log: createLog(config.logLevel) });
await app.signInLink(); // makes the administrator of the environment
const [origin] = await app.listen();

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
answer({
  origin: () => origin,
  /** Kilobytes that are really used: after a collection. */
  memory(): number {
    globalThis.gc?.();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return (heapUsed + external + arrayBuffers) / 1024;
  },
  /** 99th percentile since the last question, in milliseconds. */
  delay(): number {
    const p99 = delay.percentile(99) / 1e6;
    delay.reset();
    return p99;
  },
});
process.once('SIGTERM', () => void app.close().then(() => process.exit()));
