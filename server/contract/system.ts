import { Type } from 'typebox';
import { operation } from './define.ts';

export const systemOperations = {
  getHealth: operation({
    method: 'GET',
    path: '/api/health',
    summary: 'Is everything there that meetings need?',
    tag: 'system',
    access: 'public',
    reply: Type.Object({
      status: Type.Enum(['ok', 'degraded', 'down']),
      version: Type.String(),
      uptimeSeconds: Type.Number(),
      database: Type.Enum(['up', 'down']),
      media: Type.Object({
        status: Type.Enum(['up', 'preparing', 'unavailable']),
        /** Why there is no media, and the line to type. */
        reason: Type.Optional(Type.String()),
        fix: Type.Optional(Type.String()),
      }),
    }),
    errors: [],
  }),
};
