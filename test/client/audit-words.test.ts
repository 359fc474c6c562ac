import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isMessage } from '../../client/lib/i18n.ts';
import { root } from '../support/execute.ts';

/** What the code of these features calls the actions that it writes into the log. */
const WRITTEN = /(?:action: |action = |tellResource\([^']*|changed\([^']*|decide\([^']*|\? |: )'([a-z][A-Za-z]*\.[A-Za-z]+)'/g;
/** Rights, topics and columns have names of the same shape. */
const NO_ACTION = /^(event\.(read|progress|delete)|resource\.(read|manage)|booking\.decide|calendar\.busy)$|\.changed$|\.id$/;
const KINDS = /action: `\$\{nounOf\(event\)\}\.([a-z]+)`/g;

t.test('every action that calendar, resources and links write into the log has words', async (t) => {
  const files = globSync('server/features/{calendar,resources,sharing}/**/service.ts', { cwd: root });
  const actions = new Set<string>();
  for (const file of files) {
    const text = readFileSync(path.join(root, file), 'utf8');
    for (const [, action = ''] of text.matchAll(WRITTEN)) if (!NO_ACTION.test(action)) actions.add(action);
    for (const [, verb = ''] of text.matchAll(KINDS)) for (const noun of ['event', 'meeting']) actions.add(`${noun}.${verb}`);
  }
  for (const known of ['event.create', 'meeting.restore', 'booking.approve', 'booking.move', 'resource.photo', 'calendarFeed.replace'])
    t.ok(actions.has(known), `${known} was found`);
  t.same(
    [...actions].filter((action) => !isMessage(`audit.action.${action}`)),
    [],
  );
});
