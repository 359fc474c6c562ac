import t from 'tap';
import type { TSchema } from 'typebox';
import type { Operation } from '../../../server/contract/define.ts';
import { commands, topics } from '../../../server/contract/events.ts';
import { operations } from '../../../server/contract/operations.ts';
import { newId } from '../../../server/kernel/ids.ts';
import { startApp } from '../../support/app.ts';
import { ask, enter, open, rows, settled } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

type Given = { meetingId: string; participantId: string };
type Keywords = {
  type?: string;
  format?: string;
  enum?: readonly unknown[];
  anyOf?: TSchema[];
  minimum?: number;
  minLength?: number;
  items?: TSchema;
  properties?: { [name: string]: TSchema };
  required?: string[];
};

/** A value that a schema accepts, without what need not be given (unless nothing must be), about this meeting and this person wherever an id of one is asked for. */
function fitting(schema: TSchema, given: Given, name = ''): unknown {
  const { type, format, enum: choices, anyOf, minimum, minLength, items, properties, required = [] } = schema as Keywords; // TypeBox writes JSON Schema
  if (anyOf) return fitting(anyOf[0]!, given, name);
  if (choices) return choices[0];
  if (name === 'topic') return `meeting:${given.meetingId}`;
  if (format === 'uuid')
    return /participantId$/i.test(name) ? given.participantId : /^(id|meetingId)$/.test(name) ? given.meetingId : newId();
  if (format === 'date-time') return '2026-11-21T10:00:00Z';
  if (format === 'email') return 'somebody@example.org';
  if (type === 'string') return 'x'.repeat(Math.max(1, minLength ?? 1));
  if (type === 'integer' || type === 'number') return minimum ?? 0;
  if (type === 'boolean') return true;
  if (type === 'array') return items ? [fitting(items, given, name.replace(/s$/, ''))] : [];
  const fields = required.length ? required : Object.keys(properties ?? {});
  return Object.fromEntries(fields.map((field) => [field, fitting(properties![field]!, given, field)]));
}

/** What somebody at the door may say: their own place. */
const OWN = ['topic.unfollow', 'waiting.enter', 'waiting.leave'];
/** Topics that have nothing to do with a room. */
const OF_NO_MEETING = ['user', 'calendar', 'resources'];
const REFUSALS = ['NOT_ADMITTED', 'NOT_ALLOWED', 'NOT_FOUND', 'NOT_SIGNED_IN'];

t.test('WR6: whoever waits is refused every command and operation about the room, by hand too, and hears nothing of it', async (t) => {
  const app = await startApp(t);
  const [host, ada] = [await app.account('Hanna Host'), await app.account('Ada Lovelace')];
  const meeting = await open(host);
  const hostId = await enter(host, meeting, 'Hanna');
  const waiting: { person: Person; participantId: string; what: string }[] = [];
  for (const [person, what] of [
    [app.stranger(), 'a guest'],
    [ada, 'an account'],
  ] as const) {
    const { participantId } = await ask(person, meeting, 'Waits');
    await person.connect();
    await person.send('waiting.enter', { participantId });
    await person.follow(`lobby:${participantId}`);
    waiting.push({ person, participantId, what });
  }
  const before = await rows(app, 'select id, status, role, display_name from participant order by id');
  let asked = 0;
  for (const { person, what } of waiting) {
    const given = { meetingId: meeting.id, participantId: hostId };
    for (const [name, { body }] of Object.entries(commands)) {
      if (OWN.includes(name)) continue;
      const answer = await person.raw(name, fitting(body, given));
      const right = !answer.ok && REFUSALS.includes(answer.error.code);
      t.ok(right, `${what}: ${name} is refused`, { answer, sent: fitting(body, given) });
      asked++;
    }
    for (const kind of Object.keys(topics).filter((kind) => !OF_NO_MEETING.includes(kind)))
      for (const id of [meeting.id, hostId]) {
        const answer = await person.raw('topic.follow', { topic: `${kind}:${id}` });
        t.ok(!answer.ok && REFUSALS.includes(answer.error.code), `${what}: ${kind} of the room or of others is refused`, { answer });
      }
    for (const [name, operation] of Object.entries(operations as { [id: string]: Operation })) {
      const { method, path, params, body } = operation;
      if (!path.startsWith('/api/meetings/:id')) continue;
      const values = (params ? fitting(params, given) : {}) as { [name: string]: string }; // params are objects of texts
      const url = path.replace(/:(\w+)/g, (_, field: string) => values[field]!);
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ? fitting(body, given) : {}) };
      const response = await person.fetch(url, { method, ...(body ? json : {}) });
      const answer = (await response.json().catch(() => null)) as { code?: string } | null; // a problem, when it is refused
      t.ok(REFUSALS.includes(answer?.code ?? ''), `${what}: ${name} is refused`, { answer, status: response.status });
      asked++;
    }
  }
  t.ok(asked > 50, `${asked} commands and operations`);
  t.strictSame(await rows(app, 'select id, status, role, display_name from participant order by id'), before, 'nothing changed');

  const inside = app.stranger();
  const { participantId } = await ask(inside, meeting, 'Secret Sam');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId } });
  await enter(inside, meeting, 'Secret Sam');
  await inside.send('room.leave', {});
  await host.hears('participant.left');
  for (const { person, participantId, what } of waiting) {
    await settled(person);
    const foreign = person.heard.filter(({ topic }) => topic !== `lobby:${participantId}`);
    t.strictSame(foreign, [], `${what} heard of no other topic`);
    t.strictSame(
      person.signals.filter(({ name }) => !['lobby.place', 'heads'].includes(name)),
      [],
      `${what} was signalled nothing else`,
    );
    t.notMatch(JSON.stringify([person.heard, person.signals]), /Secret Sam|participants/, `${what} heard no name`);
  }
});
