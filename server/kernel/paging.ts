import { invalid } from './errors.ts';
import { storable } from './validation.ts';

export const DEFAULT_LIMIT = 50;

/** An opaque place in a list: the sort key of the last row. */
export const cursorOf = (...key: string[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The key behind a cursor of `parts` texts, the last of which is an id; INVALID_INPUT for anything that we did not make. */
export function readCursor(after: string | undefined, parts: number): string[] | null {
  if (after === undefined) return null;
  try {
    const key: unknown = JSON.parse(Buffer.from(after, 'base64url').toString());
    const texts = Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string' && storable(part));
    if (texts && UUID.test(key.at(-1))) return key;
  } catch {
    // falls through to the one refusal
  }
  throw invalid({ field: '/query/after', rule: 'cursor', message: 'is not the `next` of an earlier page' });
}

/** Takes one row more than asked for, to know whether there is a next page. */
export function page<R, T>(rows: R[], limit: number, view: (row: R) => T, key: (row: R) => string[]): { items: T[]; next: string | null } {
  const shown = rows.slice(0, limit);
  return { items: shown.map(view), next: rows.length > limit ? cursorOf(...key(shown.at(-1)!)) : null };
}
