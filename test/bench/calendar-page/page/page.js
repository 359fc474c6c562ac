// The library alone, as its own examples use it: a month of events from a server, a dialog, events that are dragged. JavaScript, because the
// tests' type check knows no DOM.
import { createCalendar, DayGrid, Interaction } from '@event-calendar/core';
import '@event-calendar/core/index.css';

const dialog = document.querySelector('dialog');
const calendar = createCalendar(document.querySelector('main'), [DayGrid, Interaction], {
  view: 'dayGridMonth',
  date: new URL(location.href).searchParams.get('date'),
  firstDay: 1,
  locale: 'en-GB',
  height: '100%',
  headerToolbar: { start: '', center: '', end: '' },
  dayMaxEvents: true,
  editable: true,
  eventSources: [{ url: './events' }],
  datesSet: ({ view }) => (document.title = view.title),
  eventClick({ event }) {
    dialog.textContent = event.title;
    dialog.showModal();
  },
});
addEventListener('click', ({ target }) => {
  if (target.matches('[href="#next"]')) calendar.next();
  if (target.matches('[href="#previous"]')) calendar.prev();
});
