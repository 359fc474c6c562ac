import t from 'tap';
import { opus } from '../../media/studio.ts';
import { startApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, hearsNothing, open, rows, settled } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

t.test(
  'CQ5 CQ6 whoever hears nothing is lost: the room hears it, reasons are for the person and those who moderate, the report keeps it',
  async (t) => {
    const app = await startApp(t);
    t.setTimeout(120_000);
    for (let attempt = 1; app.app.media.health().status === 'preparing' && attempt <= 20; attempt++)
      await eventually(() => app.app.media.health().status !== 'preparing', 'the media worker').catch(() => {});
    const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
    const meeting = await open(host, { requiresApproval: false });
    const params = { id: meeting.id };
    const tuneIn = async (person: Person, name: string) => {
      const { participantId } = await ask(person, meeting, name);
      await person.connect();
      const { rtpCapabilities } = await person.call('getMediaSetup', {});
      await person.send('room.enter', { meetingId: meeting.id, rtpCapabilities });
      return participantId;
    };
    await other.connect();
    await tuneIn(host, 'Hanna');
    const [ann, gus] = [await app.account('Ann Attendee'), app.stranger()];
    const annId = await tuneIn(ann, 'Ann');
    const gusId = await tuneIn(gus, 'Gus');
    t.same(await gus.send('quality.read', {}), { lines: [] }, 'nothing is known yet');
    // Gus sends what never comes, and nobody has a line over which anything could be heard.
    await gus.send('media.produce', { source: 'microphone', rtpParameters: opus() });
    const look = async () => {
      app.clock.advance(5_000);
      await settled(host);
      await new Promise((resolve) => setTimeout(resolve, 200)); // the worker's answers
    };
    const heardBy = (person: Person) =>
      new Map(
        person.signals
          .filter(({ name }) => name === 'room.quality')
          .map(({ data }) => {
            const { participantId, quality } = data as { participantId: string; quality: string }; // by the contract of that signal
            return [participantId, quality];
          }),
      );
    const known = () => [host, ann, gus].every((person) => heardBy(person).has(annId) && heardBy(person).has(gusId));
    for (let looks = 0; looks < 30 && !known(); looks++) await look();
    for (const person of [host, ann, gus]) t.same([heardBy(person).get(annId), heardBy(person).get(gusId)], ['lost', 'lost']);
    const lineOf = async (person: Person, id: string) =>
      (await person.send('quality.read', {})).lines.find(({ participantId }) => participantId === id);
    const silence = [{ what: 'silence', direction: 'down' }];
    t.match(await lineOf(host, annId), { quality: 'lost', reasons: silence });
    t.match(await lineOf(ann, annId), { quality: 'lost', reasons: silence });
    t.match(await lineOf(gus, gusId), { reasons: [{ what: 'silence', direction: 'up' }] });
    t.same((await lineOf(gus, annId))!.reasons, [], 'an attendee is not told why of others');
    const before = host.signals.filter(({ name }) => name === 'room.quality').length;
    await look();
    t.equal(host.signals.filter(({ name }) => name === 'room.quality').length, before, 'what has not changed is not told');

    await gus.send('quality.tell', { harms: [], layers: 3 });
    t.equal((await lineOf(gus, gusId))!.quality, 'lost', 'no word of a browser makes it better');
    for (let minute = 0; minute < 12; minute++) await look();
    await eventually(async () => (await rows(app, 'select * from connection_quality')).length >= 3, 'a minute of each');
    const { items } = await host.call('listReportPeople', { params });
    t.match(items.find(({ participantId }) => participantId === annId)?.quality, {
      class: 'lost',
      mean: 20,
      min: 20,
      line: [{ minute: 0, class: 'lost' }],
    });
    const csv = await (await host.fetch(`/api/meetings/${meeting.id}/report/download?format=csv`)).text();
    t.match(csv, /^Ann,attendee,no,.*,lost,20,20,/m);
    await hearsNothing(t, other);
  },
);
