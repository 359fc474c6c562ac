import type { Sockets } from '../../kernel/sockets.ts';
import type { SeatService } from '../presence/seats/service.ts';
import type { QualityService } from './service.ts';

export function qualitySocket(sockets: Sockets, seats: SeatService, quality: QualityService): void {
  sockets.command('quality.read', async (connection) => ({ lines: await quality.read(connection.actor, seats.of(connection)) }));
  sockets.command('quality.tell', async (connection, opinion) => {
    quality.tell(seats.of(connection), opinion);
    return {};
  });
}
