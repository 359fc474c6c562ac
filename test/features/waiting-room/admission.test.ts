import { readFileSync } from 'node:fs';
import t from 'tap';
import { AppError } from '../../../server/contract/errors.ts';
import { admission, type Request } from '../../../server/features/waiting-room/rules.ts';

const RULES = readFileSync(new URL('../../RULES.md', import.meta.url), 'utf8');
const now = Temporal.Instant.from('2026-11-21T09:00:00Z');

/** Every value that each condition can have, in the words of the table. */
const VALUES = {
  meeting: ['idle', 'live', 'ended'],
  person: ['runs', 'guest', 'account', 'invited'],
  banned: ['no', 'yes'],
  standing: ['new', 'waiting', 'gone', 'again', 'cooling', 'final', 'left', 'seated'],
  locked: ['no', 'yes'],
  type: ['regular', 'recurring', 'private'],
  code: ['none', 'wrong', 'right'],
  room: ['off', 'on'],
  auto: ['nobody', 'users', 'invited'],
  seats: ['free', 'full'],
} as const;
type Case = { [C in keyof typeof VALUES]: (typeof VALUES)[C][number] };
const COLUMNS = Object.keys(VALUES) as (keyof typeof VALUES)[];

type Line = { conditions: Map<string, Set<string>>; outcome: string; decided: number };
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The lines of WR1, as they stand in RULES.md. */
const table: Line[] = (() => {
  const lines = RULES.split('\n').filter((line) => line.startsWith('|'));
  const head = cells(lines[0]!);
  return lines.slice(2).map((line) => {
    const values = cells(line);
    const conditions = new Map(
      head.slice(0, -1).flatMap((name, index) => (values[index] === '–' ? [] : [[name, new Set(values[index]!.split(' or '))]])),
    );
    return { conditions, outcome: values.at(-1)!, decided: 0 };
  });
})();

function* cases(columns = COLUMNS): Generator<Partial<Case>> {
  const [column, ...rest] = columns;
  if (!column) return yield {};
  for (const others of cases(rest)) for (const value of VALUES[column]) yield { ...others, [column]: value };
}

/** What a case of the table means for the rule. */
function request(given: Case): Request {
  const { standing } = given;
  const seconds = { again: -60, cooling: -59 };
  const refusals = {
    again: { retryAt: now.add({ seconds: seconds.again + 60 }) },
    cooling: { retryAt: now.add({ seconds: seconds.cooling + 60 }) },
    final: { retryAt: null },
  };
  const refused = standing === 'again' || standing === 'cooling' || standing === 'final';
  return {
    liveStatus: given.meeting,
    meetingType: given.type,
    isLocked: given.locked === 'yes',
    requiresApproval: given.room === 'on',
    autoAdmit: given.auto,
    taken: given.seats === 'full' ? 10 : 9,
    capacity: 10,
    runsMeeting: given.person === 'runs',
    banned: given.banned === 'yes',
    signedIn: given.person !== 'guest',
    invited: given.person === 'invited',
    code: given.code,
    standing: refused ? 'gone' : standing,
    refusal: refused ? refusals[standing] : null,
    now,
  };
}

function outcomeOf(given: Request): string {
  try {
    return admission(given) === 'approved' ? 'in' : 'waits';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

t.test('WR1: the whole table: every combination is decided as the first line that fits says', async (t) => {
  t.strictSame([...table[0]!.conditions.keys()], ['meeting']);
  for (const { conditions } of table)
    for (const [name, allowed] of conditions)
      for (const value of allowed) t.ok((VALUES[name as keyof Case] as readonly string[]).includes(value), `${name} can be ${value}`);
  let walked = 0;
  const wrong: unknown[] = [];
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = 0; // most of the answers are errors, whose stacks nobody reads
  for (const some of cases()) {
    const given = some as Case; // the generator has filled every column
    const line = table.find(({ conditions }) => [...conditions].every(([name, allowed]) => allowed.has(given[name as keyof Case])));
    if (line) line.decided++;
    const got = outcomeOf(request(given));
    if (got !== line?.outcome) wrong.push({ ...given, expected: line?.outcome, got });
    walked++;
  }
  Error.stackTraceLimit = depth;
  t.equal(
    walked,
    Object.values(VALUES).reduce((product, values) => product * values.length, 1),
  );
  t.strictSame(wrong.slice(0, 5), [], `${walked} combinations`);
  t.strictSame(
    table.filter(({ decided }) => decided === 0),
    [],
    'no line of the table is idle',
  );
});

t.test('WR1: a full meeting says how full, a cool-down says until when', async (t) => {
  const plain = { meeting: 'live', person: 'guest', banned: 'no', locked: 'no', type: 'regular', code: 'none' } as const;
  const open = { ...plain, room: 'off', auto: 'nobody' } as const;
  const full = () => admission(request({ ...open, standing: 'new', seats: 'full' }));
  t.throws(full, new AppError('MEETING_FULL', 'The meeting is full (10 of 10).', { details: { taken: 10, capacity: 10 } }));
  const details = { retryAt: '2026-11-21T09:00:01Z' };
  const early = () => admission(request({ ...open, standing: 'cooling', seats: 'free' }));
  t.throws(early, new AppError('COOL_DOWN', 'You were not let in. Wait a moment before you ask again.', { details }));
});
