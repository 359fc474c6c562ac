import { setImmediate } from 'node:timers/promises';
import { AppError } from '../server/contract/errors.ts';

/**
 * Turns mediasoup's rejection into ours, for `.catch()`: INVALID_INPUT when `subject` still lives and so refused what it was
 * given (`what`), NOT_FOUND when it was closed meanwhile.
 */
export const refusal =
  (subject: { closed: boolean }, what: string) =>
  async (error: unknown): Promise<never> => {
    if (await closedByNow(subject)) throw new AppError('NOT_FOUND', 'The room or seat was closed meanwhile', { cause: error });
    throw new AppError('INVALID_INPUT', `The media server refused these ${what}`, { cause: error });
  };

/** Was it closed, by all that the worker has said so far? mediasoup hands on what the worker tells one turn after what it answers. */
export async function closedByNow(subject: { closed: boolean }): Promise<boolean> {
  await setImmediate();
  return subject.closed;
}
