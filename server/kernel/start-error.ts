/** Why the server cannot start, in one sentence for the person who started it: printed as it is, without a stack. */
export class StartError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StartError';
  }
}

type SystemError = Error & { code?: string; syscall?: string; port?: number; address?: string };

/** What is behind a wrapper: the first of several attempts, or the cause. */
function root(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return root(error.errors[0]);
  return error instanceof Error && error.cause instanceof Error ? root(error.cause) : error;
}

function sentence({ code = '', syscall, port, address }: SystemError): string | undefined {
  const place = `${address ?? 'the given address'}${port === undefined ? '' : `, port ${port}`}`;
  if (syscall === 'listen') {
    if (code === 'EADDRINUSE') return `Port ${port} is used by another program: end that, or set PORT to another port`;
    if (code === 'EACCES') return `Port ${port} needs more rights than this user has: set PORT to one above 1023`;
    return `Muster cannot listen on ${place} (${code}): set HOST and PORT to an address of this machine`;
  }
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(code)) {
    return `No answer from ${place} (${code}): check DATABASE_URL and REDIS_URL, and that those services run`;
  }
  if (['28P01', '28000', '3D000'].includes(code)) return `The database refuses the user, password or name in DATABASE_URL (${code})`;
  if (['53300', '57P03'].includes(code)) return `The database of DATABASE_URL takes no connections now (${code}): try again in a moment`;
  if (code === '42501') return 'The user in DATABASE_URL may not create tables or extensions in that database: make it the owner';
  return undefined;
}

/** What to print when the start failed: one sentence where we know the reason, else everything that is known. */
export function startFailure(error: unknown): string {
  if (error instanceof StartError) return `Muster did not start. ${error.message}.`;
  const cause = root(error);
  const known = cause instanceof Error ? sentence(cause) : undefined;
  if (known) return `Muster did not start. ${known}.`;
  return `Muster did not start, for a reason that it does not know: ${error instanceof Error ? error.stack : String(error)}`;
}
