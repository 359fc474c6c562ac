import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox';
import type { ErrorCode, FieldError } from './errors.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** One HTTP operation. Route, validation, OpenAPI and the client's typed `api` are all made from it. */
export type Operation = {
  method: Method;
  /** With `:name` for each property of `params`. */
  path: string;
  summary: string;
  tag: string;
  /** `public`: usable without being signed in. Default: a signed-in user. */
  access?: 'public';
  params?: TObject;
  query?: TObject;
  body?: TSchema;
  /** Bytes that a body may have, where files are sent; default 1 MiB. */
  bodyLimit?: number;
  /** Absent: 204, no body. */
  reply?: TSchema;
  /** What `reply` is where it is a text and no JSON: `text/csv`. Its handler sets the type of the answer. */
  media?: string;
  /** Answers bytes, whole or the range that was asked for (RFC 9110 §14), in place of `reply`. */
  binary?: true;
  /** Default 200, or 204 without `reply`. */
  status?: 200 | 201;
  /** What it refuses with, besides what every operation can (INVALID_INPUT, NOT_SIGNED_IN, RATE_LIMITED, INTERNAL …). */
  errors: readonly ErrorCode[];
};
export const operation = <const O extends Operation>(definition: O): O => definition;

type Part<O, K extends string> = O extends { [P in K]: infer S extends TSchema } ? { [P in K]: Static<S> } : unknown;
type QueryPart<O> = O extends { query: infer S extends TSchema } ? { query?: Static<S> } : unknown;
/** What a caller sends. */
export type Input<O> = Part<O, 'params'> & QueryPart<O> & Part<O, 'body'>;
/** What a handler gets: the query is always there, perhaps empty. */
export type Parsed<O> = Part<O, 'params'> & Part<O, 'query'> & Part<O, 'body'>;
export type Output<O> = O extends { reply: infer S extends TSchema } ? Static<S> : void;

/** One acknowledged socket command. */
export type Command = { body: TSchema; reply: TSchema };
export const command = <B extends TSchema, R extends TSchema>(body: B, reply: R): { body: B; reply: R } => ({ body, reply });
export type Acknowledged<T> =
  | { ok: true; data: T }
  | { ok: false; error: { code: ErrorCode; message: string; errors?: FieldError[]; details?: Record<string, unknown> } };

/** A followed log: what a newcomer gets, and what may change in it afterwards. */
export type Topic = { snapshot: TSchema; changes: Record<string, TSchema> };
export const topic = <S extends TSchema, C extends Record<string, TSchema>>(snapshot: S, changes: C): { snapshot: S; changes: C } => ({
  snapshot,
  changes,
});

/** An object that refuses unknown properties: a misspelt field is an error, not silence. */
export const Strict = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false });
export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

export const Id = Type.String({ format: 'uuid' });
/** An instant, RFC 3339 with offset: `2026-11-21T09:00:00Z`. */
export const Instant = Type.String({ format: 'date-time' });
/** IANA zone name: `Europe/Berlin`. Whether it exists is checked by the service. */
export const TimeZone = Type.String({ minLength: 1, maxLength: 64 });
/** A line of text that is not only white space. */
export const Line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' });
export const Email = Type.String({ format: 'email', maxLength: 254 });
export const Empty = Strict({});

/** A page of a list; `next` goes into the query as `after`. */
export const Page = <S extends TSchema>(item: S) => Type.Object({ items: Type.Array(item), next: Nullable(Type.String()) });
export const pageQuery = {
  after: Type.Optional(Type.String({ maxLength: 200, description: 'The `next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 50' })),
};
