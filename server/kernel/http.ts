import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operation, Output, Parsed } from '../contract/define.ts';
import { AppError, errorStatus } from '../contract/errors.ts';
import { type OperationId, type Operations, operations } from '../contract/operations.ts';
import type { Actor, UserActor } from './actor.ts';
import { checker } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor;
  }
}

type ActorOf<O> = O extends { access: 'public' } ? Actor : UserActor;
type Handler<Id extends OperationId> = (
  input: Parsed<Operations[Id]> & { actor: ActorOf<Operations[Id]> },
  http: { request: FastifyRequest; reply: FastifyReply },
) => Promise<Output<Operations[Id]>>;

/** Binds an operation of the contract to what carries it out. */
export type Bind = <Id extends OperationId>(id: Id, handler: Handler<Id>) => void;

const problemSchema = {
  description: 'Problem details (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
};

/** Validation by TypeBox itself, for HTTP as for sockets. Texts of the address are converted to what the schema wants; bodies never. */
export function validatorFor({ schema, httpPart }: { schema: unknown; httpPart?: string | undefined }) {
  const typed = schema as TSchema; // every schema of a route comes from the contract, which is TypeBox
  const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'body');
  const check = checker(part, typed);
  return (data: unknown) => {
    const value = part === 'body' ? data : converted(typed, data);
    const error = check(value);
    return error ? { error } : { value };
  };
}

/** `limit=5` is a number; `limit=5.5` does not silently become 5. */
function converted(schema: TSchema, data: unknown): unknown {
  const texts = new Map(Object.entries(Object(data)));
  const value = Value.Convert(schema, data);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      typeof part === 'number' && String(part) !== texts.get(name) ? texts.get(name) : part,
    ]),
  );
}

function answerSchema({ reply, media, binary }: Operation): object {
  if (binary) return { description: 'Bytes', content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
  if (!reply) return { type: 'null', description: 'Done' };
  return media ? { description: 'A file', content: { [media]: { schema: reply } } } : reply;
}

/** Told, before the answer goes out, of every operation that was refused. */
export type OnRefused = (id: OperationId, request: FastifyRequest, error: unknown) => Promise<void>;

export function binder(app: FastifyInstance, onRefused: OnRefused): Bind {
  return (id, handler) => {
    const definition: Operation = operations[id];
    const status = definition.status ?? (definition.reply || definition.binary ? 200 : 204);
    const refusals = [
      ...new Set(['INVALID_INPUT' as const, 'RATE_LIMITED' as const, ...definition.errors].map((code) => errorStatus[code])),
    ];
    app.route({
      method: definition.method,
      url: definition.path,
      ...(definition.bodyLimit ? { bodyLimit: definition.bodyLimit } : {}),
      schema: {
        operationId: id,
        summary: definition.summary,
        tags: [definition.tag],
        ...(definition.access ? { security: [] } : {}),
        ...(definition.params ? { params: definition.params } : {}),
        ...(definition.query ? { querystring: definition.query } : {}),
        ...(definition.body ? { body: definition.body } : {}),
        response: {
          [status]: answerSchema(definition),
          ...Object.fromEntries(refusals.map((code) => [code, problemSchema])),
        },
      },
      handler: async (request, reply) => {
        const { actor } = request;
        const input = { params: request.params, query: request.query, body: request.body, actor };
        const carryOut = async () => {
          if (definition.access !== 'public' && actor.type !== 'user') throw new AppError('NOT_SIGNED_IN', 'Sign in first.');
          // The route was validated by the schemas that Parsed<> is computed from.
          return handler(input as unknown as Parameters<typeof handler>[0], { request, reply });
        };
        const answer = await carryOut().catch(async (error: unknown) => {
          await onRefused(id, request, error);
          throw error;
        });
        // Bytes were sent by the handler, which alone knows how many.
        if (definition.binary) return reply;
        if (reply.sent) return reply; // "not modified" has no body
        reply.code(status);
        return definition.reply ? answer : reply.send();
      },
    });
  };
}
