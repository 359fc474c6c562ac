/** Why the server cannot start, in one sentence for the person who started it: printed as it is, without a stack. */
export class StartError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StartError';
  }
}
