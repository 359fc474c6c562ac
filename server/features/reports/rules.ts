import type { ReportPerson } from '../../contract/reports.ts';

type Span = { from: number; to: number };

/** How many of them lie over each other at most; one that begins where another ends does not. */
export function mostAtOnce(spans: readonly Span[]): number {
  const steps = spans
    .filter(({ from, to }) => to > from)
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ]);
  let [now, most] = [0, 0];
  for (const { by } of steps.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/** RFC 4180. A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection). */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null): string => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

type Column = [name: string, value: (person: ReportPerson) => string | number | null];
const columns: Column[] = [
  ['name', (person) => person.displayName],
  ['role', (person) => person.role],
  ['guest', (person) => (person.isGuest ? 'yes' : 'no')],
  ['first_entry', (person) => person.firstEntry],
  ['last_exit', (person) => person.lastExit],
  ['total_time_seconds', (person) => person.totalSeconds],
  ['share', (person) => person.share],
  ['stays', (person) => person.stays.length],
  ['connection_quality', ({ quality }) => quality?.class ?? null],
  ['connection_mean', ({ quality }) => quality?.mean ?? null],
  ['connection_min', ({ quality }) => quality?.min ?? null],
  ['participation_score', ({ engagement }) => engagement?.score ?? null],
  ['speaking_seconds', ({ engagement }) => engagement?.speakingSeconds ?? null],
  ['talk_share', ({ engagement }) => engagement?.talkShare ?? null],
  ['turns', ({ engagement }) => engagement?.turns ?? null],
  ['messages', ({ engagement }) => engagement?.messages ?? null],
  ['hands', ({ engagement }) => engagement?.hands ?? null],
  ['reactions', ({ engagement }) => engagement?.reactions ?? null],
  ['camera_share', ({ engagement }) => engagement?.cameraShare ?? null],
];

export const csvOfPeople = (people: readonly ReportPerson[]): string =>
  csv([columns.map(([name]) => name), ...people.map((person) => columns.map(([, value]) => value(person)))]);
