import type { Database } from './database.ts';
import type { Bind } from './http.ts';
import type { MediaPort } from './media-port.ts';

export function healthRoute(bind: Bind, { database, media, version }: { database: Database; media: MediaPort; version: string }): void {
  bind('getHealth', async () => {
    const up = await database
      .reader()
      .execute('select 1')
      .then(
        () => true,
        () => false,
      );
    const health = media.health();
    return {
      status: !up ? ('down' as const) : health.status === 'up' ? ('ok' as const) : ('degraded' as const),
      version,
      uptimeSeconds: Math.round(process.uptime()),
      database: up ? ('up' as const) : ('down' as const),
      media: health,
    };
  });
}
