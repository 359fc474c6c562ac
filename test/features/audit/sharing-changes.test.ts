import t from 'tap';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { rows } from '../../support/meetings.ts';

type Row = { scope: string; action: string; actor_type: string; address: string };

t.test('AU4: every change of a shared link and of saved filters leaves exactly one row: who, what, when, from where', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const userId = await userIdOf(host);
  const last = async () => (await rows<Row>(app, `select * from audit where scope <> 'accounts' order by id`)).slice(seen);
  let seen = 0;
  const leaves = async (action: string, scope: string, actor = 'user') => {
    const left = await last();
    t.match(left, [{ action, scope, actor_type: actor, address: '127.0.0.1' }], action);
    seen += left.length;
  };
  const link = await host.call('createSharedLink', { body: { name: 'For partners', scope: 'public', timeZone: 'Europe/Berlin' } });
  const params = { id: link.id };
  await leaves('sharedLink.create', link.id);
  await host.call('updateSharedLink', { params, body: { maxViews: 3 } });
  await leaves('sharedLink.update', link.id);
  await app.stranger().call('openSharedCalendar', { params: { token: link.url!.split('/').at(-1)! }, body: {} });
  await leaves('sharedLink.view', link.id, 'anonymous');
  await host.call('revokeSharedLink', { params });
  await leaves('sharedLink.revoke', link.id);
  await host.call('deleteSharedLink', { params });
  await leaves('sharedLink.delete', link.id);
  const preset = await host.call('createCalendarPreset', { body: { name: 'Mine', filters: {} } });
  await leaves('calendarPreset.create', userId);
  await host.call('updateCalendarPreset', { params: { id: preset.id }, body: { name: 'Rooms' } });
  await leaves('calendarPreset.update', userId);
  await host.call('deleteCalendarPreset', { params: { id: preset.id } });
  await leaves('calendarPreset.delete', userId);
});
