import { type Static, Type } from 'typebox';
import { Id, Instant, Line, operation, Page, pageQuery, Strict } from './define.ts';

/** No more per person: a list that is longer is searched, not chosen from. */
export const MOST_PRESETS = 50;

/** What the calendar's address says of view and filters, by name: `{ "view": "week", "kinds": "task,event" }`. */
export const PresetFilters = Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9.]{0,39}$' }), Type.String({ maxLength: 500 }), {
  maxProperties: 20,
  additionalProperties: false,
});

/** Filters under a name, of one person. */
export const CalendarPreset = Type.Object({
  id: Id,
  name: Type.String(),
  filters: Type.Record(Type.String(), Type.String()),
  createdAt: Instant,
});
export type CalendarPreset = Static<typeof CalendarPreset>;

const fields = { name: Line(60), filters: PresetFilters };
const params = Strict({ id: Id });

export const calendarPresetOperations = {
  listCalendarPresets: operation({
    method: 'GET',
    path: '/api/calendar/presets',
    summary: 'My saved filters, by name',
    tag: 'calendar',
    query: Strict(pageQuery),
    reply: Page(CalendarPreset),
    errors: [],
  }),
  createCalendarPreset: operation({
    method: 'POST',
    path: '/api/calendar/presets',
    summary: `Save filters under a name of my own; ${MOST_PRESETS} at most`,
    tag: 'calendar',
    body: Strict(fields),
    reply: CalendarPreset,
    status: 201,
    errors: ['CONFLICT'],
  }),
  updateCalendarPreset: operation({
    method: 'PATCH',
    path: '/api/calendar/presets/:id',
    summary: 'Rename saved filters, or save others under the name',
    tag: 'calendar',
    params,
    body: Type.Partial(Strict(fields), { additionalProperties: false }),
    reply: CalendarPreset,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  deleteCalendarPreset: operation({
    method: 'DELETE',
    path: '/api/calendar/presets/:id',
    summary: 'Forget saved filters',
    tag: 'calendar',
    params,
    errors: ['NOT_FOUND'],
  }),
};
