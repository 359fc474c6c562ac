import t from 'tap';
import type { AuditRow } from '../../../server/contract/audit.ts';
import { newId } from '../../../server/kernel/ids.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { ask, enter, open, schedule, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const log = (person: Person, id: string, query: { action?: string; person?: string; after?: string; limit?: number } = {}) =>
  person.call('getAuditLog', { params: { id }, query });
const actions = (items: AuditRow[]) => items.map(({ action }) => action);

/** A meeting in which Gina (guest) and Ada (account) asked, were let in and went, and Sam was turned away. */
async function held(app: TestApp, host: Person, ada: Person) {
  const meeting = await open(host);
  const { guest, lobby } = await visitor(app, meeting, 'Gina Guest');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: lobby.participantId } });
  await enter(guest, meeting, 'Gina Guest');
  const adas = await ask(ada, meeting, 'Ada');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: adas.participantId } });
  const sam = await ask(app.stranger(), meeting, 'Sam');
  await host.call('rejectParticipant', { params: { id: meeting.id, participantId: sam.participantId }, body: {} });
  await guest.send('room.leave', {});
  return { meeting, gina: lobby.participantId, adas: adas.participantId, sam: sam.participantId };
}

t.test('AU5: the log says who did what about whom, when and from where, latest first', async (t) => {
  const app = await startApp(t);
  const [host, ada] = [await app.account('Hanna Host'), await app.account('Ada Lovelace', 'client')];
  const { meeting, gina, adas, sam } = await held(app, host, ada);
  const { items, next } = await log(host, meeting.id);
  t.equal(next, null);
  const hanna = { type: 'user', id: meeting.hostId, name: 'Hanna Host' };
  const about = (id: string, name: string, person = id) => ({ type: 'participant', id, name, person });
  const { user } = await ada.call('getSession', {});
  t.match(
    items.map(({ action, actor, resource, address }) => ({ action, actor, resource, address })),
    [
      { action: 'participant.leave', actor: { type: 'guest', id: gina, name: 'Gina Guest' }, resource: about(gina, 'Gina Guest') },
      { action: 'participant.reject', actor: hanna, resource: about(sam, 'Sam'), address: '127.0.0.1' },
      { action: 'participant.request', actor: { type: 'guest', id: sam, name: 'Sam' }, resource: about(sam, 'Sam') },
      { action: 'participant.approve', actor: hanna, resource: about(adas, 'Ada', user.id) },
      { action: 'participant.request', actor: { type: 'user', name: 'Ada Lovelace' }, resource: about(adas, 'Ada', user.id) },
      { action: 'participant.enter', actor: { type: 'guest', id: gina, name: 'Gina Guest' }, resource: about(gina, 'Gina Guest') },
      { action: 'participant.approve', actor: hanna, resource: about(gina, 'Gina Guest') },
      { action: 'participant.request', actor: { type: 'guest', id: gina, name: 'Gina Guest' }, resource: about(gina, 'Gina Guest') },
      { action: 'meeting.start', actor: hanna, resource: { type: 'meeting', id: meeting.id, name: meeting.title, person: null } },
      { action: 'meeting.create', actor: hanna, resource: { type: 'meeting', id: meeting.id, name: meeting.title } },
    ],
  );
  t.ok(
    items.every(({ at }) => at === app.clock.now().toString()),
    'when, by the server',
  );
});

t.test('AU5: it is filtered by action and by person, who acted or was acted upon, and comes page by page', async (t) => {
  const app = await startApp(t);
  const [host, ada] = [await app.account('Hanna Host'), await app.account('Ada Lovelace', 'client')];
  const { meeting, gina, adas, sam } = await held(app, host, ada);
  const { user } = await ada.call('getSession', {});
  const of = async (query: Parameters<typeof log>[2]) => actions((await log(host, meeting.id, query)).items);

  t.strictSame(await of({ action: 'participant.approve' }), ['participant.approve', 'participant.approve']);
  t.strictSame(await of({ action: 'nothing.like.it' }), []);
  t.strictSame(await of({ person: gina }), ['participant.leave', 'participant.enter', 'participant.approve', 'participant.request']);
  for (const person of [adas, user.id])
    t.strictSame(await of({ person }), ['participant.approve', 'participant.request'], 'seat or account');
  t.equal((await of({ person: meeting.hostId })).length, 5, 'what the host did');
  t.strictSame(await of({ person: sam, action: 'participant.reject' }), ['participant.reject'], 'both');
  t.strictSame(await of({ person: newId() }), [], 'nobody');

  t.strictSame(await host.call('getAuditFilters', { params: { id: meeting.id } }), {
    actions: [...new Set(await of({}))].sort(),
    people: [
      { id: user.id, name: 'Ada Lovelace' },
      { id: gina, name: 'Gina Guest' },
      { id: meeting.hostId, name: 'Hanna Host' },
      { id: sam, name: 'Sam' },
    ],
  });

  const seen: AuditRow[] = [];
  for (let after: string | undefined; ; ) {
    const { items, next } = await log(host, meeting.id, { limit: 3, ...(after ? { after } : {}) });
    seen.push(...items);
    if (next === null) break;
    after = next;
  }
  t.strictSame(seen, (await log(host, meeting.id)).items);
});

t.test('AU5: host, co-hosts and administrators read it; nobody else, and nobody reads that of another meeting', async (t) => {
  const app = await startApp(t);
  const [host, co] = [await app.account('Hanna Host'), await app.account('Cora Co-Host')];
  const [ada, otto, admin] = [await app.account('Ada', 'client'), await app.account('Otto'), await app.account('Root', 'admin')];
  const { meeting } = await held(app, host, ada);
  const { user } = await co.call('getSession', {});
  await app.app.database
    .reader()
    .execute('insert into meeting_co_hosts (id, meeting_id, user_id, created_at, updated_at) values (?, ?, ?, now(), now())', [
      ...[newId(), meeting.id, user.id],
    ]);
  const filters = (person: Person) => person.call('getAuditFilters', { params: { id: meeting.id } });
  for (const reads of [(person: Person): Promise<unknown> => log(person, meeting.id), filters]) {
    for (const person of [host, co, admin]) await t.resolves(reads(person));
    await t.rejects(reads(ada), { code: 'NOT_ALLOWED' }, 'an attendee');
    await t.rejects(reads(otto), { code: 'NOT_FOUND' }, 'who has no part in it');
    await t.rejects(reads(app.stranger()), { code: 'NOT_SIGNED_IN' });
  }
  for (const [person, may] of [
    [host, true],
    [co, true],
    [admin, true],
    [ada, false],
  ] as const)
    t.equal((await person.call('getMeeting', { params: { id: meeting.id } })).may.includes('audit.read'), may, 'and they are told so');
  const own = await schedule(otto, {});
  const { items } = await log(otto, own.id);
  t.strictSame(actions(items), ['meeting.create'], 'rows of one meeting only');
  await otto.call('deleteMeeting', { params: { id: own.id } });
  t.strictSame(actions((await log(admin, own.id)).items), ['meeting.cancel', 'meeting.create'], 'also after it was cancelled');
});
