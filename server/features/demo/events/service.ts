import type { EntityManager } from '@mikro-orm/postgresql';
import type { Answer } from '../../../contract/event-people.ts';
import { newId } from '../../../kernel/ids.ts';
import type { User } from '../../accounts/entity.ts';
import { Event } from '../../calendar/entity.ts';
import { EventInvitation } from '../../calendar/invitations/entity.ts';

type Asked = { who: number; answer?: Answer; comment?: string; isRequired?: boolean };
type Planned = Pick<Event, 'kind' | 'title' | 'location' | 'visibility'> & { capacity?: number; organizer: number };

/** Day from today, local start, minutes, and who is asked (index into the people, 0 = the administrator), in the order of their answers. */
const EVENTS: [planned: Planned, day: number, start: string, minutes: number, asked: Asked[]][] = [
  [
    { kind: 'community', title: 'Relaxation in the garden', location: 'Garden', visibility: 'public', capacity: 3, organizer: 4 },
    ...([2, '15:00', 90] as const),
    [
      ...([7, 8, 6] as const).map((who) => ({ who, answer: 'yes' as const })),
      { who: 10, answer: 'yes', comment: 'I would love to.' },
      { who: 9, answer: 'yes' },
      { who: 11, answer: 'no', comment: 'Away that week.' },
      { who: 12, answer: 'maybe' },
      { who: 0, isRequired: false },
      { who: 13 },
    ],
  ],
  [
    { kind: 'event', title: 'Team outing', location: 'Lake, north shore', visibility: 'staff', organizer: 0 },
    ...([4, '17:00', 180] as const),
    [
      { who: 1, answer: 'yes' },
      { who: 3, answer: 'yes', comment: 'I bring the cake.' },
      { who: 2, answer: 'maybe', comment: 'If the car is back in time.' },
      { who: 5, answer: 'no' },
      { who: 4, isRequired: false },
    ],
  ],
  [
    { kind: 'event', title: 'Fire drill briefing', location: 'Front desk', visibility: 'staff', organizer: 1 },
    ...([1, '11:30', 30] as const),
    [{ who: 0 }, { who: 2, answer: 'yes' }],
  ],
];

/** Events to which people are asked: some have answered, one is full, and the administrator has something to answer. */
export function addEvents(
  em: EntityManager,
  { people, today, zone, now }: { people: readonly User[]; today: Temporal.PlainDate; zone: string; now: Temporal.Instant },
): void {
  for (const [{ organizer, ...facts }, day, start, minutes, asked] of EVENTS) {
    const startsAt = today.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime: start }).toInstant();
    const [id, invitedBy] = [newId(), people[organizer]!];
    const event = em.create(Event, {
      ...{
        ...facts,
        id,
        organizer: invitedBy,
        startsAt,
        endsAt: startsAt.add({ minutes }),
        timeZone: zone,
        uid: `${id}@muster`,
        createdAt: now,
      },
    });
    const coming = asked.filter(({ answer }) => answer === 'yes');
    for (const one of asked) {
      const { who, ...said } = one;
      const waits = coming.indexOf(one) + 1 - (facts.capacity ?? asked.length);
      em.create(EventInvitation, {
        ...{ ...said, id: newId(), event, user: people[who]!, invitedBy, createdAt: now },
        ...(said.answer ? { answeredAt: now } : {}),
        ...(waits > 0 ? { waitingNumber: waits } : {}),
      });
    }
  }
}
