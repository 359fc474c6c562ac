/** As pino's logger takes it. */
export type MediaLog = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;
