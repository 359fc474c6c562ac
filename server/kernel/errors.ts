import { DriverException, OptimisticLockError } from '@mikro-orm/core';
import { AppError, type FieldError } from '../contract/errors.ts';

/** The AppError that an error stands for; null for what nobody foresaw, whose text must not leave the server. */
export function asAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof OptimisticLockError)
    return new AppError('STALE_VERSION', 'Somebody else changed this meanwhile. Load it again and redo your change.', { cause: error });
  if (error instanceof DriverException) {
    if (error.code === '23505') return new AppError('CONFLICT', 'This exists already.', { cause: error });
    if (error.code === '23P01') return new AppError('CONFLICT', 'This is already taken at that time.', { cause: error });
    if (error.code === '22P05' || error.code === '22021')
      return new AppError('INVALID_INPUT', 'Text must not contain the character U+0000.', { cause: error });
  }
  return null;
}

/** INVALID_INPUT about fields; the text names the first one. */
export function invalid(...errors: [FieldError, ...FieldError[]]): AppError {
  return new AppError('INVALID_INPUT', `${errors[0].field}: ${errors[0].message}`, { errors });
}
