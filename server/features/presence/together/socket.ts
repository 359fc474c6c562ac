import { AppError } from '../../../contract/errors.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Connection, Sockets } from '../../../kernel/sockets.ts';
import { liveRoom, type SeatService } from '../seats/service.ts';
import type { TogetherService } from './service.ts';

/** So many reactions of one connection within so many milliseconds: enough for joy, too few for a hailstorm. */
const MOST = 8;
const WITHIN_MS = 4_000;

/** Told of each hand that goes up, and of each reaction. */
type Noted = (meetingId: string, participantId: string, what: 'hands' | 'reactions') => void;

export function togetherSocket(sockets: Sockets, together: TogetherService, seats: SeatService, clock: Clock, noted: Noted): void {
  const sent = new WeakMap<Connection, number[]>();

  sockets.command('hand.raise', async (connection, { raised }) => {
    const { meetingId, participantId } = seats.of(connection);
    const moved = await together.raiseHand(connection.actor, meetingId, participantId, raised);
    if (moved && raised) noted(meetingId, participantId, 'hands');
    return {};
  });

  sockets.command('reaction.send', async (connection, { reaction }) => {
    const { meetingId, participantId } = seats.of(connection);
    const now = clock.now().epochMilliseconds;
    const recent = (sent.get(connection) ?? []).filter((at) => at > now - WITHIN_MS);
    if (recent.length >= MOST) throw new AppError('RATE_LIMITED', 'That is a lot of reactions. Wait a moment.');
    sent.set(connection, [...recent, now]);
    sockets.signal(liveRoom(meetingId), 'room.reaction', { participantId, reaction }, { volatile: true });
    noted(meetingId, participantId, 'reactions');
    return {};
  });
}
