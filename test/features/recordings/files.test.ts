import t from 'tap';
import { byteRange, downloadName } from '../../../server/features/recordings/rules.ts';
import { assemble, member } from '../../support/cast.ts';
import { ask, audited, enter, open, rows } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { FILM, kept, TRACK } from '../../support/recordings.ts';

t.test('RC10 a range is what RFC 9110 says, and what is not understood is the whole file', async (t) => {
  const table: [string | undefined, ReturnType<typeof byteRange>][] = [
    [undefined, null],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=10-', { first: 10, last: 99 }],
    ['bytes=-5', { first: 95, last: 99 }],
    ['bytes=-500', { first: 0, last: 99 }],
    ['bytes=90-500', { first: 90, last: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=9-5', null],
    ['bytes=0-1,4-5', null],
    ['lines=1-2', null],
    ['bytes=-', null],
  ];
  for (const [header, expected] of table) t.same(byteRange(header, 100), expected, String(header));
  t.equal(downloadName(['a/b: "c"', null, 'd\n'], 'mp4'), 'a b c - d.mp4');
  t.equal(downloadName([''], 'webm'), 'recording.webm');
});

t.test('RC11 bytes are for those who run the meeting, by links that end; for everybody else not one', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, coHost, moderator, attendee, guest } = cast;
  const { recordingId: id, fileId, trackId } = await kept(app, meeting.id);
  const linkFor = (person: Person, file: string) => person.call('linkRecordingFile', { params: { id, fileId: file } });
  const admin = await app.account('Ada Admin', 'admin');

  await t.test('host, co-host and administrator get all of it, or a part', async (t) => {
    for (const person of [host.person, coHost.person, admin]) {
      const { url } = await linkFor(person, fileId);
      const whole = await person.fetch(url);
      t.equal(whole.status, 200);
      t.match(Object.fromEntries(whole.headers), { 'accept-ranges': 'bytes', 'content-type': 'video/mp4', 'content-length': '1000' });
      t.ok(FILM.equals(Buffer.from(await whole.arrayBuffer())));
      const part = await person.fetch(url, { headers: { range: 'bytes=100-199' } });
      t.equal(part.status, 206);
      t.equal(part.headers.get('content-range'), 'bytes 100-199/1000');
      t.ok(FILM.subarray(100, 200).equals(Buffer.from(await part.arrayBuffer())));
      const none = await person.fetch(url, { headers: { range: 'bytes=1000-' } });
      t.same([none.status, none.headers.get('content-range'), await none.text()], [416, 'bytes */1000', '']);
    }
    const { url } = await linkFor(host.person, trackId);
    const track = await host.person.fetch(`${url}?download=true`);
    t.equal(track.headers.get('content-type'), 'audio/webm');
    t.match(
      track.headers.get('content-disposition'),
      /^attachment; filename\*=UTF-8''Case%20consultation%20-%20Ann%20Attendee%20-%20microphone.webm$/,
    );
    t.ok(TRACK.equals(Buffer.from(await track.arrayBuffer())));
  });

  await t.test(
    'an attendee, a moderator, a guest, a stranger and people of another meeting get nothing, also by a link of the host',
    async (t) => {
      const other = await app.account('Otto Other');
      const elsewhere = await open(other, { requiresApproval: false });
      const foreignGuest = app.stranger();
      await enter(foreignGuest, elsewhere, 'Fay Foreign');
      const { url } = await linkFor(host.person, fileId);
      for (const person of [attendee.person, moderator.person, guest.person, app.stranger(), other, foreignGuest]) {
        await t.rejects(linkFor(person, fileId), { code: 'NOT_FOUND' });
        await t.rejects(person.call('getRecording', { params: { id } }), { code: 'NOT_FOUND' });
        const answer = await person.fetch(url);
        t.equal(answer.status, 404);
        t.notOk((await answer.text()).includes(FILM.toString('latin1', 0, 20)));
      }
      t.same((await attendee.person.call('listRecordings', { params: { id: meeting.id } })).items, []);
      await t.rejects(other.call('listRecordings', { params: { id: meeting.id } }), { code: 'NOT_FOUND' });
      for (const [operation, body] of [['updateRecording', { isShared: true }] as const, ['deleteRecording', undefined] as const])
        await t.rejects(attendee.person.call(operation, { params: { id }, body } as never), { code: 'NOT_FOUND' });
    },
  );

  await t.test(
    'shared, those who took part see the film, and nobody the files of single people; no longer when it is taken back',
    async (t) => {
      await host.person.call('updateRecording', { params: { id }, body: { isShared: true, title: 'First session' } });
      for (const person of [attendee.person, guest.person]) {
        const found = await person.call('getRecording', { params: { id } });
        t.match(found, { title: 'First session', isShared: true });
        t.same(
          found.files.map(({ kind }) => kind),
          ['composed'],
        );
        t.equal((await person.fetch((await linkFor(person, fileId)).url)).status, 200);
        await t.rejects(linkFor(person, trackId), { code: 'NOT_FOUND' });
        await t.rejects(
          person.call('updateRecording', { params: { id }, body: { title: 'Mine' } }).catch((error) => Promise.reject(error)),
        );
      }
      const outside = app.stranger();
      t.equal((await ask(outside, meeting, 'Olga Outside')).status, 'approved', 'let in, and not gone in');
      await t.rejects(outside.call('getRecording', { params: { id } }), { code: 'NOT_FOUND' });
      t.same((await outside.call('listRecordings', { params: { id: meeting.id } })).items, []);
      const { url } = await linkFor(attendee.person, fileId);
      await host.person.call('removeParticipant', { params: { id: meeting.id, participantId: attendee.participantId } });
      t.equal((await attendee.person.fetch(url)).status, 404, 'removed: the link is worth nothing any more');
      const guestLink = await linkFor(guest.person, fileId);
      await host.person.call('updateRecording', { params: { id }, body: { isShared: false } });
      t.equal((await guest.person.fetch(guestLink.url)).status, 404);
    },
  );

  await t.test('a co-host who is dismissed, a forged link and an expired one get nothing', async (t) => {
    const { url } = await linkFor(coHost.person, fileId);
    await host.person.call('removeCoHost', { params: { id: meeting.id, userId: coHost.userId } });
    t.equal((await coHost.person.fetch(url)).status, 404);
    const own = await linkFor(host.person, fileId);
    const [text, signature] = own.url.split('.') as [string, string];
    const forged = `${text.replace(/\d+$/, '9999999999')}.${signature}`;
    t.equal((await host.person.fetch(forged)).status, 404);
    app.clock.advance(6 * 3600 * 1000);
    const late = await host.person.fetch(own.url);
    t.equal(late.status, 410);
    t.match(await late.json(), { code: 'LINK_EXPIRED' });
  });

  await t.test('deleted it is gone with its files; the trail says who did what', async (t) => {
    const { url } = await linkFor(host.person, fileId);
    await host.person.call('deleteRecording', { params: { id } });
    t.equal((await host.person.fetch(url)).status, 404);
    t.same(await rows(app, 'select id from recording_file'), []);
    t.match(await audited(app, meeting.id), { 'recording.share': 1, 'recording.unshare': 1, 'recording.rename': 1, 'recording.delete': 1 });
    await member(app, meeting, 'Nina New');
  });
});
