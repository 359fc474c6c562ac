import type { Input, Output } from '../../server/contract/define.ts';
import { AppError, type ErrorCode, errorStatus, type Problem } from '../../server/contract/errors.ts';
import { type OperationId, type Operations, operations } from '../../server/contract/operations.ts';

/** The input may be left out when nothing in it is required. */
type Arguments<K extends OperationId> =
  Record<never, never> extends Input<Operations[K]> ? [input?: Input<Operations[K]>] : [input: Input<Operations[K]>];

type AnyInput = { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };

/** Says `signed-out` when the server no longer knows this browser's session. */
export const apiEvents = new EventTarget();

/**
 * Calls one operation of the contract.
 * @throws AppError with the server's code, field errors and details; UNAVAILABLE when no answer came.
 */
export async function api<K extends OperationId>(id: K, ...[input]: Arguments<K>): Promise<Output<Operations[K]>> {
  const { method, path } = operations[id];
  // Input<…> is params, query and body under exactly these names; the compiler cannot see it through the generic.
  const { params, query, body } = (input ?? {}) as AnyInput;
  const url = fill(path, params) + search(query);
  const response = await send(url, body === undefined ? { method } : withJson(method, body));
  const text = await response.text();
  // The reply was validated against the same schema by the server before it was sent.
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Output<Operations[K]>;
  const error = toAppError(response.status, text);
  if (error.code === 'NOT_SIGNED_IN') apiEvents.dispatchEvent(new Event('signed-out'));
  throw error;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, credentials: 'same-origin' });
  } catch (cause) {
    throw new AppError('UNAVAILABLE', 'The server cannot be reached.', { cause });
  }
}

function withJson(method: string, body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function fill(path: string, params: Record<string, unknown> = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

function search(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** What a refusal means; an answer that is not ours (a proxy's error page) is UNAVAILABLE or INTERNAL by its status. */
export function toAppError(status: number, text: string): AppError {
  const problem = parseProblem(text);
  if (problem) return new AppError(problem.code, problem.detail, { errors: problem.errors, details: problem.details });
  if ([502, 503, 504].includes(status)) return new AppError('UNAVAILABLE', 'The server cannot be reached.');
  return new AppError('INTERNAL', `The server answered ${status}.`);
}

function parseProblem(text: string): Problem | null {
  try {
    const problem: unknown = JSON.parse(text);
    return isProblem(problem) ? problem : null;
  } catch {
    return null;
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('detail' in value)) return false;
  return typeof value.code === 'string' && value.code in errorStatus && typeof value.detail === 'string';
}

/** Is it an AppError with one of these codes? */
export function isRefusal(error: unknown, ...codes: ErrorCode[]): error is AppError {
  return error instanceof AppError && (codes.length === 0 || codes.includes(error.code));
}
