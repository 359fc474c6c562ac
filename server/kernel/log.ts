import { destination, type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * What an error may say in the log. Errors of the database carry the row they are about (`detail`, `where`) and the query
 * with its values behind ` - ` or `: `: people's names and addresses, so only the code and the constraint are kept.
 */
export function errorSerializer(error: Error): Record<string, unknown> {
  // Whatever was thrown: system and database errors carry these two.
  const { code, constraint } = error as Error & { code?: unknown; constraint?: unknown };
  // A SQLSTATE; none begins with E, as EPIPE and its kind do.
  const fromDatabase = typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    ...(fromDatabase ? { constraint, message: `database error ${code}` } : { message: error.message }),
    stack: frames.join('\n'),
    ...(error.cause instanceof Error && error.cause !== error ? { cause: errorSerializer(error.cause) } : {}),
  };
}

/** Addresses hold codes and one-time tokens (`/m/:code`, `/welcome/:token`): the pattern says enough. */
function requestSerializer(request: { method?: string; routeOptions?: { url?: string | undefined } }): Record<string, unknown> {
  return { method: request.method, route: request.routeOptions?.url ?? 'unknown' };
}

const SECRETS = ['cookie', 'authorization', 'password', 'token', 'accessCode', 'secret', '["set-cookie"]'];

/** JSON lines on stderr, at once, so that a crash loses none; stdout stays for what a person reads. */
export function createLog(level: string, stream: { write(line: string): void } = destination({ dest: 2, sync: true })): Log {
  const below = (prefix: string) => SECRETS.map((key) => (key.startsWith('[') ? `${prefix}${key}` : `${prefix}.${key}`));
  return pino(
    {
      level,
      base: { process: process.pid },
      serializers: { err: errorSerializer, req: requestSerializer },
      redact: { paths: [...SECRETS, ...below('*'), ...below('req.headers'), ...below('res.headers')], censor: '[hidden]' },
    },
    stream,
  );
}
