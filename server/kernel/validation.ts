import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { AppError, FieldError } from '../contract/errors.ts';
import { invalid } from './errors.ts';

/** Checks input against a schema of the contract. The answer is the refusal (INVALID_INPUT with fields), or null. */
export function checker(part: string, schema: TSchema): (data: unknown) => AppError | null {
  // At its first use: a start that compiles every schema of the contract takes a third longer.
  let validator: ReturnType<typeof Compile> | undefined;
  return (data) => {
    validator ??= Compile(schema);
    if (!validator.Check(data)) return invalidBySchema(part, validator.Errors(data));
    const [first, ...rest] = unstorable(part, data);
    return first ? invalid(first, ...rest) : null;
  };
}

type SchemaError = { keyword: string; instancePath: string; message: string; params?: object };

/** What TypeBox found, as fields and rules. `part` is `body`, `params` or `query`. */
function invalidBySchema(part: string, found: readonly SchemaError[]): AppError {
  const errors = found.flatMap(({ keyword, instancePath, message, params = {} }): FieldError[] => {
    const each = (names: unknown, text: string) =>
      (names as string[]).map((name) => ({ field: `/${part}${instancePath}/${name}`, rule: keyword, message: text }));
    if ('requiredProperties' in params) return each(params.requiredProperties, 'is required');
    if ('additionalProperties' in params) return each(params.additionalProperties, 'is not a known field');
    // TypeBox also names an unknown property by the schema `false`: said already.
    if (keyword === 'boolean') return [];
    if (keyword === 'pattern' && 'pattern' in params && params.pattern === '\\S')
      return [{ field: `/${part}${instancePath}`, rule: keyword, message: 'must not be empty' }];
    return [{ field: `/${part}${instancePath}`, rule: keyword, message }];
  });
  const [first = { field: `/${part}`, rule: 'schema', message: 'is not what is expected' }, ...rest] = errors.slice(0, 20);
  return invalid(first, ...rest);
}

/** PostgreSQL keeps no U+0000, and jsonb no half of a surrogate pair. */
export const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** The texts that are not storable. A list of work instead of recursion: hostile input nests as deep as it likes. */
function unstorable(part: string, data: unknown): FieldError[] {
  const found: FieldError[] = [];
  const open: [pointer: string, value: unknown][] = [[`/${part}`, data]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [field, value] = next;
    if (typeof value === 'string' && !storable(value))
      found.push({ field, rule: 'text', message: 'must be well-formed text without the character U+0000' });
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) open.push([`${field}/${name}`, inner]);
  }
  return found.slice(0, 20);
}
