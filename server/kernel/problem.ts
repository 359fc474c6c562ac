import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorCode, errorStatus, type Problem } from '../contract/errors.ts';
import { asAppError } from './errors.ts';

const problemOf = ({ code, message, errors, details }: AppError): Problem => ({
  type: `urn:muster:problem:${code.toLowerCase().replaceAll('_', '-')}`,
  title: STATUS_CODES[errorStatus[code]] ?? 'Error',
  status: errorStatus[code],
  detail: message,
  code,
  ...(errors ? { errors } : {}),
  ...(details ? { details } : {}),
});

/** What Fastify itself refuses, before a handler sees it. */
const ofFastify: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The body is larger than 1 MB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Send application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['INVALID_INPUT', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['INVALID_INPUT', 'The body is empty.'],
  FST_ERR_BAD_URL: ['INVALID_INPUT', 'The address is not well-formed.'],
  FST_ERR_MAX_PARAM_LENGTH: ['INVALID_INPUT', 'The address is too long.'],
};

function foreseen(error: FastifyError): AppError | null {
  const known = asAppError(error) ?? asAppError(error.cause);
  if (known) return known;
  const named = ofFastify[error.code];
  if (named) return new AppError(named[0], named[1], { cause: error });
  return error.statusCode && error.statusCode < 500 ? new AppError('INVALID_INPUT', error.message, { cause: error }) : null;
}

/** RFC 9457: the one shape of every refusal, with the closed list of codes. What nobody foresaw is logged and says nothing. */
export function answerProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  let known = foreseen(error);
  if (!known) {
    request.log.error({ err: error }, 'unforeseen');
    known = new AppError('INTERNAL', 'Something went wrong on our side. It has been logged.');
  }
  const problem = problemOf(known);
  const wait = known.details?.retryAfter;
  if (typeof wait === 'number') reply.header('retry-after', wait);
  // Serialised here: the schema of the status would otherwise depend on the route.
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(problem);
}

/** Refusals of every route, and of addresses where there is none. */
export function answerProblems(app: FastifyInstance): void {
  app.addSchema({
    $id: 'Problem',
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', enum: Object.keys(errorStatus) },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: { field: { type: 'string' }, rule: { type: 'string' }, message: { type: 'string' } },
        },
      },
      details: { type: 'object', additionalProperties: true },
    },
  });
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler((request, reply) => {
    const page =
      request.method === 'GET' && !/^\/(api|socket\.io|assets)\//.test(request.url) && request.headers.accept?.includes('text/html');
    if (page && app.hasReplyDecorator('sendFile')) return reply.sendFile('index.html', { maxAge: 0 });
    throw new AppError('NOT_FOUND', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`);
  });
}
