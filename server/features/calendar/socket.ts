import { AppError } from '../../contract/errors.ts';
import type { Topics } from '../../kernel/topics.ts';
import { isStaff } from './access/service.ts';

export function calendarSocket(topics: Topics): void {
  topics.define('calendar', {
    authorize: async (actor, id) => {
      // Even where others are busy is not for clients: they hear of public events, and in their own topic of what they take part in.
      if (actor.type !== 'user' || (id === 'staff' && !isStaff(actor))) throw new AppError('NOT_FOUND', 'There is no such calendar.');
    },
    snapshot: async () => ({}),
  });
}
