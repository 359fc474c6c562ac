import type { TSchema } from 'typebox';
import type { FieldError } from '../../server/contract/errors.ts';

/** An input that breaks one rule of a schema, and the field that the refusal must name. */
export type BadInput = { why: string; value: unknown; field: string };

type Fields = { [name: string]: unknown };
/** What we read of a schema: JSON Schema keywords that TypeBox writes. */
type Keywords = {
  type?: string;
  format?: string;
  pattern?: string;
  maxLength?: number;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  enum?: readonly unknown[];
  items?: TSchema;
  anyOf?: readonly TSchema[];
  required?: readonly string[];
  properties?: { [name: string]: TSchema };
  additionalProperties?: unknown;
};
const read = (schema: TSchema): Keywords => schema as Keywords; // every TypeBox schema is a JSON Schema object

const MALFORMED: { [format: string]: string } = {
  uuid: 'not-an-id',
  'date-time': 'yesterday',
  date: '21 November',
  email: 'nobody at home',
};

/** Values that a single field refuses. `asText`: the field travels in an address, where everything is text. */
function badValues(schema: TSchema, good: unknown, asText: boolean): [why: string, value: unknown][] {
  const [choice, ...others] = read(schema).anyOf ?? [];
  if (choice)
    return badValues(choice, good, asText).filter(([, value]) => value !== null || !others.some((other) => read(other).type === 'null'));
  const { type, format, pattern, maxLength, minLength, minimum, maximum, maxItems, enum: choices, items } = read(schema);
  const bad: [string, unknown][] = [];
  if (choices) bad.push(['a word that is no choice', 'nonsense']);
  else if (type === 'string') {
    const text = typeof good === 'string' ? good : 'text';
    if (!asText) bad.push(['a number for text', 17], ['null for text', null], ['a list for text', [text]]);
    if (format) bad.push([`a malformed ${format}`, MALFORMED[format] ?? text]);
    if (maxLength) bad.push(['too long a text', text.at(-1)!.repeat(maxLength + 1)]);
    if (minLength && minLength > 1) bad.push(['too short a text', text.slice(0, minLength - 1)]);
    if (minLength && !asText) bad.push(['an empty text', '']);
    if (pattern === '\\S') bad.push(['blanks alone', '   ']);
    bad.push(['U+0000 in the text', `${text.slice(0, -1)}\0`]);
    if (!asText) bad.push(['half of a surrogate pair', `${text.slice(0, -1)}\ud83d`]);
  } else if (type === 'integer') {
    bad.push(['a word for a number', 'seven'], ['a fraction', 2.5]);
    if (minimum !== undefined) bad.push(['too small a number', minimum - 1]);
    if (maximum !== undefined) bad.push(['too large a number', maximum + 1]);
  } else if (type === 'boolean') bad.push(['a word for yes or no', 'yes']);
  else if (type === 'array') {
    bad.push(['a word for a list', 'one']);
    if (maxItems && Array.isArray(good)) bad.push(['too long a list', Array.from({ length: maxItems + 1 }, () => good[0])]);
    if (!items) throw new Error('a list without a schema of its items');
  } else if (type === 'object') bad.push(['a word for an object', 'x'], ['a list for an object', []]);
  else throw new Error(`no bad input known for ${JSON.stringify(schema)}: teach test/contract/inputs.ts`);
  return bad;
}

/**
 * Every way in which this walk knows to break an object schema, starting from a `good` value:
 * missing, unknown, overlong, malformed and mistyped fields, also in nested objects.
 */
export function badInputs(part: 'params' | 'query' | 'body', schema: TSchema, good: Fields): BadInput[] {
  const asText = part !== 'body';
  const walk = (object: TSchema, value: Fields, pointer: string, put: (inner: Fields) => unknown): BadInput[] => {
    const { properties = {}, required = [], additionalProperties } = read(object);
    const bad: BadInput[] = [];
    if (additionalProperties === false && part !== 'params')
      bad.push({ why: 'an unknown field', value: put({ ...value, surprise: 'x' }), field: `${pointer}/surprise` });
    for (const [name, property] of Object.entries(properties)) {
      const field = `${pointer}/${name}`;
      const { [name]: present, ...others } = value;
      if (required.includes(name) && part !== 'params') bad.push({ why: 'a missing field', value: put(others), field });
      for (const [why, broken] of badValues(property, present, asText)) bad.push({ why, value: put({ ...value, [name]: broken }), field });
      if (read(property).properties)
        bad.push(...walk(property, (present ?? {}) as Fields, field, (inner) => put({ ...value, [name]: inner })));
    }
    return bad;
  };
  return walk(schema, good, `/${part}`, (inner) => inner).map((bad) => ({ ...bad, why: `${bad.why} at ${bad.field}` }));
}

/** Fields of any depth for which `wanted` holds, as [pointer, path]. */
export function fieldsOf(schema: TSchema, wanted: (keywords: Keywords, name: string) => boolean): string[] {
  return Object.entries(read(schema).properties ?? {})
    .filter(([name, property]) => wanted(read(property), name))
    .map(([name]) => name);
}

/** Does the refusal name the field, or something inside of it? */
export const names = (errors: FieldError[] | undefined, field: string): boolean =>
  errors?.some((error) => error.field === field || error.field.startsWith(`${field}/`)) ?? false;
