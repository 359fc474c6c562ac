import t, { type Test } from 'tap';
import type { Operation } from '../../server/contract/define.ts';
import { type ErrorCode, errorStatus } from '../../server/contract/errors.ts';
import { type OperationId, operations } from '../../server/contract/operations.ts';
import type { Person } from '../support/person.ts';
import { type BadInput, badInputs, fieldsOf, names } from './inputs.ts';
import { type Sample, samples } from './samples.ts';
import { digest, makeWorld, START, type World } from './world.ts';

const ids = Object.keys(operations) as OperationId[];
const definitionOf = (id: OperationId): Operation => operations[id];
/** What everybody who works here may see and do: nobody's own. */
const SHARED = /^\/api\/(resources|bookings|series-bookings)/;
/** What every operation may refuse with, besides its own list. */
const GENERAL: ErrorCode[] = ['INVALID_INPUT', 'NOT_SIGNED_IN', 'FOREIGN_ORIGIN', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

async function ask(person: Person, id: OperationId, input: Sample, init: RequestInit & { headers?: Record<string, string> } = {}) {
  const { method, path } = definitionOf(id);
  const url = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(input.params?.[name] ?? ''));
  const search = new URLSearchParams(Object.entries(input.query ?? {}).map(([name, value]) => [name, String(value)]));
  const body = input.body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(input.body) };
  const response = await person.fetch(`${url}${search.size ? `?${search}` : ''}`, { method, ...body, ...init });
  return { response, answer: JSON.parse((await response.text()) || 'null') };
}

/** Asks for what must be refused, and checks the whole refusal: status, type, shape, code, field. */
async function refused(t: Test, person: Person, id: OperationId, why: string, code: ErrorCode, input: Sample, init = {}, field?: string) {
  const { response, answer } = await ask(person, id, input, init);
  const { status, title, detail, errors } = answer ?? {};
  const documented = [...GENERAL, ...definitionOf(id).errors].includes(answer?.code);
  const right =
    response.status === errorStatus[code] &&
    response.headers.get('content-type')?.startsWith('application/problem+json') &&
    answer?.code === code &&
    status === errorStatus[code] &&
    typeof title === 'string' &&
    typeof detail === 'string' &&
    documented &&
    (field === undefined || names(errors, field));
  t.ok(right, `${id} refuses ${why} with ${code}${field ? ` at ${field}` : ''}`, { got: { http: response.status, answer }, input });
}

/** Runs a part of the walk; nothing in the database may be different afterwards, and nothing logged that somebody must look at. */
async function unmoved(t: Test, world: World, walk: () => Promise<void>): Promise<void> {
  const before = await digest(world.databaseUrl);
  await walk();
  t.same(await digest(world.databaseUrl), before, 'nothing changed in the database');
  t.equal((await world.host.call('getHealth', {})).database, 'up', 'the server is unmoved');
  t.same(
    world.warnings.filter(({ level }) => level >= 50),
    [],
    'nothing was logged that somebody must look at',
  );
}

t.test('every operation of the contract refuses bad input', async (t) => {
  const world = await makeWorld(t);
  const { host, other, guest, stranger, unknownId } = world;
  const all = samples(world);
  t.same(Object.keys(all).sort(), [...ids].sort(), 'every operation is walked');
  const eachRefusal = async (t: Test, found: (id: OperationId) => { bad: BadInput; input: Sample }[]) => {
    for (const id of ids)
      for (const { bad, input } of found(id)) await refused(t, host, id, bad.why, 'INVALID_INPUT', input, {}, bad.field);
  };

  await t.test('who is not signed in gets NOT_SIGNED_IN wherever that is needed', (t) =>
    unmoved(t, world, async () => {
      for (const id of ids) {
        if (definitionOf(id).access === 'public') continue;
        await refused(t, stranger(), id, 'a stranger', 'NOT_SIGNED_IN', all[id]);
        await refused(t, guest, id, 'a guest', 'NOT_SIGNED_IN', all[id]);
      }
    }),
  );

  await t.test('each broken field is named', (t) =>
    unmoved(t, world, () =>
      eachRefusal(t, (id) => {
        const sample = all[id];
        return (['params', 'query', 'body'] as const).flatMap((part) => {
          const schema = definitionOf(id)[part];
          if (!schema) return [];
          return badInputs(part, schema, sample[part] ?? {}).map((bad) => ({ bad, input: { ...sample, [part]: bad.value } as Sample }));
        });
      }),
    ),
  );

  await t.test('zones, languages and days that do not exist are named', (t) =>
    unmoved(t, world, () =>
      eachRefusal(t, (id) => {
        const { body } = definitionOf(id);
        if (!body) return [];
        const wrong = (name: string, value: string) => ({
          bad: { why: value, value, field: `/body/${name}` },
          input: { ...all[id], body: { ...all[id].body, [name]: value } },
        });
        return [
          ...fieldsOf(body, (_, name) => name === 'timeZone').flatMap((name) =>
            ['Mars/Olympus', '+02:00'].map((zone) => wrong(name, zone)),
          ),
          ...fieldsOf(body, (_, name) => name === 'locale').map((name) => wrong(name, 'en_US.UTF-8')),
          ...fieldsOf(body, ({ format }) => format === 'date-time').flatMap((name) =>
            ['2026-02-30T09:00:00Z', '9999-01-01T00:00:00Z'].map((day) => wrong(name, day)),
          ),
          ...fieldsOf(body, (_, name) => name === 'endsAt').flatMap((name) =>
            [START, '2026-11-22T09:00:00Z', '2027-11-23T10:00:00Z'].map((end) => wrong(name, end)),
          ),
        ];
      }),
    ),
  );

  await t.test('cursors that we did not make are refused', (t) =>
    unmoved(t, world, () =>
      eachRefusal(t, (id) => {
        if (!definitionOf(id).query?.properties.after) return [];
        const forged = [
          'x',
          ...[[], ['a'], ['a', 'b'], [unknownId, "'; drop table meeting"], [1, 2], ['a\0', unknownId]].map((key) =>
            btoa(JSON.stringify(key)),
          ),
        ];
        return forged.map((after) => ({
          bad: { why: `the cursor ${after}`, value: after, field: '/query/after' },
          input: { ...all[id], query: { ...all[id].query, after } },
        }));
      }),
    ),
  );

  await t.test('unknown ids and the ids of others are NOT_FOUND', (t) =>
    unmoved(t, world, async () => {
      const theirs: { [name: string]: string } = {
        participantId: world.foreignParticipantId,
        banId: world.foreignBanId,
        invitationId: world.foreignInvitationId,
      };
      const unknown: { [name: string]: string } = { joinCode: 'bbb-bbb-bbb', token: 'x'.repeat(43) };
      for (const id of ids) {
        const { params, access, path } = definitionOf(id);
        for (const name of Object.keys(params?.properties ?? {})) {
          const wrong = (value: string): Sample => ({ ...all[id], params: { ...all[id].params, [name]: value } });
          await refused(t, host, id, `an unknown ${name}`, 'NOT_FOUND', wrong(unknown[name] ?? unknownId));
          if (theirs[name]) await refused(t, host, id, `the ${name} of another meeting`, 'NOT_FOUND', wrong(theirs[name]));
        }
        if (params && access !== 'public' && !SHARED.test(path)) await refused(t, other, id, 'what is not theirs', 'NOT_FOUND', all[id]);
      }
      await refused(t, host, 'revokeSession', "somebody else's session", 'NOT_FOUND', { params: { id: world.foreignSessionId } });
    }),
  );

  await t.test('bodies that are no JSON object, foreign pages and floods of bytes are refused', (t) =>
    unmoved(t, world, async () => {
      const json = { 'content-type': 'application/json' };
      const flood = `"${'x'.repeat(10 * 1024 * 1024)}"`;
      for (const id of ids) {
        const { method, body } = definitionOf(id);
        if (method === 'GET') continue;
        const sent = (text: string, headers: Record<string, string> = json) => ({ headers, body: text });
        await refused(t, host, id, 'half a JSON text', 'INVALID_INPUT', all[id], sent('{"name":'));
        await refused(t, host, id, '10 MB', 'PAYLOAD_TOO_LARGE', all[id], sent(flood));
        await refused(t, host, id, 'XML', 'UNSUPPORTED_MEDIA_TYPE', all[id], sent('<x/>', { 'content-type': 'application/xml' }));
        await refused(t, host, id, 'plain text', 'UNSUPPORTED_MEDIA_TYPE', all[id], sent('{}', { 'content-type': 'text/plain' }));
        const foreign = { headers: { ...(all[id].body ? json : {}), origin: 'https://evil.example' } };
        await refused(t, host, id, 'a page of another site', 'FOREIGN_ORIGIN', all[id], foreign);
        if (!body) continue;
        for (const text of ['[]', 'null', '"text"', '17'])
          await refused(t, host, id, `the body ${text}`, 'INVALID_INPUT', all[id], sent(text), '/body');
        const { body: _, ...without } = all[id];
        await refused(t, host, id, 'no body', 'INVALID_INPUT', without, {}, '/body');
      }
    }),
  );
});

t.test('HTML in a text is text: kept, answered as it was typed, never as a page', async (t) => {
  const world = await makeWorld(t);
  // What must be unique per person gets another text each time.
  const html = (field: string) => `<img src=x onerror="alert('${field}${seen}')"> & <b>`;
  const texts = ['name', 'title', 'description', 'displayName'];
  const all = samples(world);
  let seen = 0;
  for (const id of ids) {
    const { body, status = 200, access } = definitionOf(id);
    const fields = body ? fieldsOf(body, (_, name) => texts.includes(name)) : [];
    if (!fields.length) continue;
    const { response, answer } = await ask(access === 'public' ? world.stranger() : world.host, id, {
      ...all[id],
      body: { ...all[id].body, ...Object.fromEntries(fields.map((name) => [name, html(name)])) },
    });
    t.equal(response.status, status, id);
    for (const name of fields)
      t.ok(JSON.stringify(answer).includes(JSON.stringify(html(name))), `${id} answers ${name} as typed`, { answer });
    t.match(response.headers.get('content-type'), 'application/json');
    t.equal(response.headers.get('x-content-type-options'), 'nosniff');
    seen += fields.length;
  }
  t.ok(seen >= 7, `${seen} fields carried HTML`);
});
