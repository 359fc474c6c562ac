import type { Answer, EventPeople, EventPerson } from '../../../contract/event-people.ts';

/** A row of the people of an event, as the driver hands it over. */
export type PersonRow = {
  id: string;
  name: string | null;
  email: string | null;
  is_required: boolean;
  answer: Answer | null;
  comment: string;
  answered_at: string | null;
  waiting: number | null;
  is_own: boolean;
};

/** An account's e-mail address is not told: not everybody who asks people may list accounts. */
export const personView = (row: PersonRow): EventPerson => ({
  id: row.id,
  name: row.name,
  email: row.email,
  isRequired: row.is_required,
  answer: row.answer,
  comment: row.comment,
  answeredAt: row.answered_at && Temporal.Instant.from(row.answered_at).toString(),
  waiting: row.waiting,
});

/** `seesAll`: also who they are. */
export function peopleView(rows: PersonRow[], capacity: number | null, seesAll: boolean): EventPeople {
  const count = (fits: (row: PersonRow) => boolean) => rows.filter(fits).length;
  const own = rows.find((row) => row.is_own);
  return {
    capacity,
    counts: {
      asked: rows.length,
      yes: count(({ answer, waiting }) => answer === 'yes' && waiting === null),
      no: count(({ answer }) => answer === 'no'),
      maybe: count(({ answer }) => answer === 'maybe'),
      waiting: count(({ waiting }) => waiting !== null),
      unanswered: count(({ answer }) => answer === null),
    },
    own: own ? personView(own) : null,
    items: seesAll ? rows.map(personView) : [],
  };
}
