/** Every error that a client can see, with the HTTP status that carries it. Closed: a new failure gets a line here. */
export const errorStatus = {
  INVALID_INPUT: 400,
  NOT_SIGNED_IN: 401,
  WRONG_CREDENTIALS: 401,
  ACCESS_CODE_WRONG: 403,
  FOREIGN_ORIGIN: 403,
  NOT_ADMITTED: 403,
  NOT_ALLOWED: 403,
  RECORDING_CONSENT: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  MEETING_ENDED: 409,
  MEETING_FULL: 409,
  MEETING_LOCKED: 409,
  MEETING_NOT_LIVE: 409,
  STALE_VERSION: 409,
  LINK_EXPIRED: 410,
  MEETING_CANCELLED: 410,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  COOL_DOWN: 429,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  MEDIA_UNAVAILABLE: 503,
  UNAVAILABLE: 503,
  STORAGE_FULL: 507,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** One field that broke one rule. `field` is a JSON pointer into the input: `/body/title`. */
export type FieldError = { field: string; rule: string; message: string };

/** What a refused HTTP operation answers (RFC 9457 problem details, plus `code`). */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  errors?: FieldError[];
  details?: Record<string, unknown>;
};

/** The one error that is meant for whoever asked: its text may be shown. Anything else that is thrown is INTERNAL. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { errors?: FieldError[] | undefined; details?: Record<string, unknown> | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.errors = options.errors;
    this.details = options.details;
  }
}
