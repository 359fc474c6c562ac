import { RTP_CAPABILITIES } from '../../media/codecs.ts';
import type { Source } from '../../server/contract/media.ts';
import { opus, screen, vp8 } from '../media/studio.ts';
import type { TestApp } from './app.ts';
import { eventually } from './eventually.ts';
import type { Person } from './person.ts';

export const mediaReady = (app: TestApp): Promise<unknown> => eventually(() => app.app.media.health().status === 'up', 'the media worker');

/** Enters again with media, as a browser with a camera does, and sends these sources. */
export async function send(person: Person, meetingId: string, ...sources: Source[]): Promise<void> {
  await person.send('room.enter', { meetingId, rtpCapabilities: RTP_CAPABILITIES });
  for (const source of sources) await produce(person, source);
}

const SENT = { microphone: opus, camera: vp8, screen, screenAudio: opus } as const satisfies Record<Source, () => object>;

export const produce = (person: Person, source: Source) => person.send('media.produce', { source, rtpParameters: SENT[source]() });
