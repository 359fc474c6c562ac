import { AppError } from '../../contract/errors.ts';
import type { Topics } from '../../kernel/topics.ts';

export function accountSocket(topics: Topics): void {
  topics.define('user', {
    authorize: async (actor, id) => {
      if (actor.type !== 'user' || actor.id !== id) throw new AppError('NOT_FOUND', 'There is no such account.');
    },
    snapshot: async () => ({}),
  });
}
