/** What somebody marked in the calendar: wall-clock texts of the zone that is shown; an empty end is a click. */
export type Selection = { start: string; end: string; allDay: boolean; resource: string };
