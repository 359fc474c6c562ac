import { AppError } from '../server/contract/errors.ts';

/**
 * Turns mediasoup's rejection into ours, for `.catch()`: INVALID_INPUT when `subject` still lives and so refused what it was
 * given (`what`), NOT_FOUND when it was closed meanwhile.
 */
export const refusal =
  (subject: { closed: boolean }, what: string) =>
  (error: unknown): never => {
    if (subject.closed) throw new AppError('NOT_FOUND', 'The room or seat was closed meanwhile', { cause: error });
    throw new AppError('INVALID_INPUT', `The media server refused these ${what}`, { cause: error });
  };
