import type { RefusalService } from '../meetings/refusals/service.ts';
import type { MediaPort } from '../../kernel/media-port.ts';
import type { Connection, Sockets } from '../../kernel/sockets.ts';
import type { Topics } from '../../kernel/topics.ts';
import type { SeatService } from './seats/service.ts';
import type { PresenceService } from './service.ts';

type Parts = {
  sockets: Sockets;
  topics: Topics;
  presence: PresenceService;
  seats: SeatService;
  media: MediaPort;
  refusals: RefusalService;
};

export function presenceSocket({ sockets, topics, presence, seats, media, refusals }: Parts): void {
  /** Sending what one has no right to send is forged: a client of ours does not ask for it. */
  const noted = async <T>({ actor }: Connection, command: string, meetingId: string, work: Promise<T>): Promise<T> =>
    work.catch(async (error: unknown) => {
      await refusals.note({ actor, command, meetingId }, error);
      throw error;
    });

  topics.define('meeting', {
    authorize: (actor, id) => presence.authorizeRoom(actor, id),
    snapshot: (em, id) => presence.room(em, id),
  });

  sockets.command('room.enter', (connection, body) => seats.enter(connection, body));
  sockets.command('room.leave', async (connection) => {
    await seats.leave(connection);
    return {};
  });

  sockets.command('media.connect', async (connection, { transportId, dtlsParameters }) => {
    const { meetingId, participantId } = seats.of(connection);
    await media.connect(meetingId, participantId, transportId, dtlsParameters);
    return {};
  });
  sockets.command('media.restartIce', (connection, { transportId }) => {
    const { meetingId, participantId } = seats.of(connection);
    return media.restartIce(meetingId, participantId, transportId);
  });
  sockets.command('media.produce', (connection, { source, rtpParameters, paused = false }) => {
    const { meetingId, participantId } = seats.of(connection);
    return noted(connection, 'media.produce', meetingId, media.produce(meetingId, participantId, { source, rtpParameters, paused }));
  });
  sockets.command('media.pause', async (connection, { source, paused }) => {
    const { meetingId, participantId } = seats.of(connection);
    await noted(connection, 'media.pause', meetingId, media.pause(meetingId, participantId, source, paused));
    return {};
  });
  sockets.command('media.close', async (connection, { source }) => {
    const { meetingId, participantId } = seats.of(connection);
    media.closeProducer(meetingId, participantId, source);
    return {};
  });
  sockets.command('media.consume', async (connection, { consumerIds, paused }) => {
    const { meetingId, participantId } = seats.of(connection);
    await media.consume(meetingId, participantId, consumerIds, paused);
    return {};
  });
  sockets.command('media.layers', async (connection, { consumerId, spatialLayer }) => {
    const { meetingId, participantId } = seats.of(connection);
    await media.setLayers(meetingId, participantId, consumerId, spatialLayer);
    return {};
  });
}
