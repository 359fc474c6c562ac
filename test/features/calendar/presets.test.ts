import t from 'tap';
import { MOST_PRESETS } from '../../../server/contract/calendar-presets.ts';
import { startApp } from '../../support/app.ts';
import type { Person } from '../../support/person.ts';

const save = (person: Person, name: string, filters: Record<string, string> = {}) =>
  person.call('createCalendarPreset', { body: { name, filters } });
const names = async (person: Person) => (await person.call('listCalendarPresets', {})).items.map(({ name }) => name);

t.test('saved filters are kept by name, changed and forgotten, and the other screens of the same person hear of it', async (t) => {
  const app = await startApp(t);
  const [ann, ben] = [await app.account('Ann'), await app.account('Ben', 'client')];
  const { user } = await ann.call('getSession', {});
  const screen = app.returning(ann);
  await screen.connect();
  await screen.follow(`user:${user.id}`);
  await ben.connect();
  await t.rejects(ben.follow(`user:${user.id}`), { code: 'NOT_FOUND' });
  const filters = { view: 'week', kinds: 'event,task', q: 'Größe <b>' };
  const rooms = await save(ann, '  Rooms ', filters);
  t.match(rooms, { name: 'Rooms', filters });
  t.same((await screen.hears('calendarPresets.changed')).data, { presetId: rooms.id });
  await save(ann, 'Cars');
  t.same(await names(ann), ['Cars', 'Rooms']);
  const renamed = await ann.call('updateCalendarPreset', { params: { id: rooms.id }, body: { name: 'All rooms' } });
  t.same(renamed.filters, filters, 'what is not named stays');
  await ann.call('updateCalendarPreset', { params: { id: rooms.id }, body: { filters: { view: 'day' } } });
  t.same(await names(ann), ['All rooms', 'Cars']);

  t.same(await names(ben), [], 'nobody else has them');
  await t.rejects(ben.call('updateCalendarPreset', { params: { id: rooms.id }, body: { name: 'Mine' } }), { code: 'NOT_FOUND' });
  await t.rejects(ben.call('deleteCalendarPreset', { params: { id: rooms.id } }), { code: 'NOT_FOUND' });
  t.match(await save(ben, 'All rooms'), { name: 'All rooms' }, 'the same name is free for somebody else');
  t.same(ben.heard, []);

  await ann.call('deleteCalendarPreset', { params: { id: rooms.id } });
  t.same(await names(ann), ['Cars']);
  await t.rejects(ann.call('deleteCalendarPreset', { params: { id: rooms.id } }), { code: 'NOT_FOUND' });
});

t.test('a name is given once per person, also when it is saved twice at once', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const tries = await Promise.allSettled([save(ann, 'Rooms'), save(ann, 'Rooms'), save(ann, ' Rooms')]);
  t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const each of tries) if (each.status === 'rejected') t.equal(each.reason.code, 'CONFLICT');
  const cars = await save(ann, 'Cars');
  await t.rejects(ann.call('updateCalendarPreset', { params: { id: cars.id }, body: { name: 'Rooms' } }), {
    code: 'CONFLICT',
    message: /“Rooms” already/,
  });
  t.match(await ann.call('updateCalendarPreset', { params: { id: cars.id }, body: { name: 'Cars' } }), { name: 'Cars' });
});

t.test('the number of saved filters is bounded, also for many requests at once; they come in pages', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const tries = await Promise.allSettled(Array.from({ length: MOST_PRESETS + 5 }, (_, index) => save(ann, `Filters ${index}`)));
  t.equal(tries.filter(({ status }) => status === 'fulfilled').length, MOST_PRESETS);
  await t.rejects(save(ann, 'One more'), { code: 'CONFLICT', details: { most: MOST_PRESETS } });
  const first = await ann.call('listCalendarPresets', { query: { limit: 30 } });
  const second = await ann.call('listCalendarPresets', { query: { limit: 30, after: first.next! } });
  t.same([first.items.length, second.items.length, second.next], [30, MOST_PRESETS - 30, null]);
  t.equal(new Set([...first.items, ...second.items].map(({ id }) => id)).size, MOST_PRESETS);
});

t.test('what no address can say is refused with its field', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`f${index}`, 'x']));
  for (const filters of [many, { '1x': 'a' }, { kinds: 'x'.repeat(501) }, { kinds: 7 }])
    await t.rejects(
      save(ann, 'Broken', filters as Record<string, string>),
      { code: 'INVALID_INPUT' },
      JSON.stringify(filters).slice(0, 60),
    );
  t.same(await names(ann), []);
});
