import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { musterEnvironment, type Stage } from '../stage.ts';
import { BareRoom, type Broadcast } from './bare-room.ts';
import { MusterRoom } from './muster-room.ts';
import type { Transaction } from './muster.ts';

const SIZES = [10, 200];
const WARM_UP = 150;
const ROUNDS = 40;

/**
 * A click on "admit" until both who wait for it know: the person at the door (`lobby.changed`) and another moderator's screen
 * (`waiting.left`). The bare server tells everybody in the room, and is timed until the first and the last of them know.
 */
export async function admit(stage: Stage): Promise<Result[]> {
  const results: Result[] = [];
  for (const size of SIZES) results.push(await admitAmong(size, stage));
  return results;
}

async function admitAmong(size: number, stage: Stage): Promise<Result> {
  const here = (file: string) => new URL(file, import.meta.url);
  const env = musterEnvironment({
    ...{ DATA_DIR: path.join(stage.dir, `admit-${size}`), DATABASE_URL: await stage.database(), PORT: '0', MEDIA_WORKERS: '1' },
  });
  await using muster = new Child(here('muster.ts'), env);
  await using bare = new Child(here('bare.ts'), { ...process.env, DATABASE_URL: await stage.database() });
  await using crowd = new Child(here('crowd.ts'));
  await using bareRoom = await BareRoom.fill(await bare.ask<string>('origin'), crowd, size);
  await using musterRoom = await MusterRoom.fill(await muster.ask<string>('origin'), crowd, size);

  const broadcasts: Broadcast[] = [];
  const admissions: Broadcast[] = [];
  const admitted: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    if (round === 0) await muster.ask('transactions'); // forgets those before
    const broadcast = await bareRoom.tell('/broadcast');
    const admission = await bareRoom.tell('/admit');
    const guest = await musterRoom.guest();
    await sleep(150); // the queue's places are told 0.1 s after it changed: not a part of this
    const ms = await musterRoom.admit(guest);
    if (round < 0) continue;
    broadcasts.push(broadcast);
    admissions.push(admission);
    admitted.push(ms);
  }
  // Approving is the only thing that a signed-in user does meanwhile.
  const transactions = await muster.ask<Transaction[]>('transactions');
  return summarize(size, broadcasts, admissions, admitted, transactions);
}

function summarize(
  size: number,
  broadcasts: Broadcast[],
  admissions: Broadcast[],
  admitted: number[],
  transactions: Transaction[],
): Result {
  const alone = broadcasts.map(({ fromEmit }) => fromEmit);
  const requested = broadcasts.map(({ fromRequest }) => fromRequest);
  const stored = admissions.map(({ fromRequest }) => fromRequest);
  const whole = transactions.map(({ ms }) => ms);
  const beside = admitted.map((ms, index) => ms - whole[index]!);
  return {
    benchmark: `Admit with ${size} people connected: request sent to both sockets told, ${ROUNDS} rounds`,
    figures: [
      figure(`bare broadcast to ${size + 2} sockets, alone`, alone),
      figure('bare request + broadcast', requested),
      figure('bare request + one transaction + broadcast', stored),
      figure('Muster admit', admitted),
      figure('· of it, inside Database.transact', whole),
      figure(
        '· · of that, the use case (the rest: audit, changes, commit)',
        transactions.map(({ workMs }) => workMs),
      ),
      figure('· beside the transaction', beside),
    ],
    ratios: [
      { what: 'admit / bare broadcast alone', value: median(admitted) / median(alone), most: 3 },
      { what: 'admit / bare request + broadcast', value: median(admitted) / median(requested) },
      { what: 'admit / bare request + one transaction + broadcast', value: median(admitted) / median(stored) },
      { what: 'admit without its transaction / bare request + broadcast', value: median(beside) / median(requested) },
    ],
  };
}
