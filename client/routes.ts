import { createRouter } from 'sv-router';

let shownPath: string | undefined;

export const { p, navigate, isActive, preload, route } = createRouter({
  layout: () => import('./features/shell/Shell.svelte'),
  hooks: { afterLoad: ({ pathname }) => announcePage(pathname) },
  '/': () => import('./routes/Home.svelte'),
  '/calendar': () => import('./routes/Calendar.svelte'),
  '/calendar/import': () => import('./routes/ImportCalendar.svelte'),
  '/calendar/sharing': () => import('./routes/Sharing.svelte'),
  '/calendar/new': () => import('./routes/NewEvent.svelte'),
  '/calendar/events/:id': () => import('./routes/CalendarEvent.svelte'),
  '/calendar/events/:id/edit': () => import('./routes/EditEvent.svelte'),
  '/meetings': () => import('./routes/Meetings.svelte'),
  '/meetings/new': () => import('./routes/NewMeeting.svelte'),
  '/meetings/:id': () => import('./routes/MeetingDetails.svelte'),
  '/meetings/:id/audit': () => import('./routes/AuditLog.svelte'),
  '/meetings/:id/report': () => import('./routes/MeetingReport.svelte'),
  '/meetings/:id/edit': () => import('./routes/EditMeeting.svelte'),
  '/resources': () => import('./routes/Resources.svelte'),
  '/resources/new': () => import('./routes/NewResource.svelte'),
  '/resources/timeline': () => import('./routes/ResourceTimeline.svelte'),
  '/resources/bookings': () => import('./routes/Bookings.svelte'),
  '/resources/:id': () => import('./routes/ResourceDetails.svelte'),
  '/resources/:id/edit': () => import('./routes/EditResource.svelte'),
  '/people': () => import('./routes/People.svelte'),
  '/account': () => import('./routes/Account.svelte'),
  // In parentheses: outside of the shell, and usable without an account.
  '/(sign-in)': () => import('./routes/SignIn.svelte'),
  '/welcome/(:token)': () => import('./routes/Welcome.svelte'),
  '/share/(:token)': () => import('./routes/SharedCalendar.svelte'),
  '/m/(:code)': () => import('./routes/Meet.svelte'),
  '/recordings/(:id)': () => import('./routes/Recording.svelte'),
  '(*notFound)': () => import('./routes/NotFound.svelte'),
});

/** Goes to a path that is only known at run time. */
export async function go(url: string, options: { replace?: boolean; scrollToTop?: false } = {}): Promise<void> {
  const { pathname, search } = new URL(url, location.origin);
  // The router's type wants a route's literal; a path that matches none of them shows "not found", which is right.
  await navigate(pathname as '/', { search, ...options });
}

/** After a change of page the keyboard and the screen reader start at its beginning, not at the old link. */
function announcePage(pathname: string): void {
  const first = shownPath === undefined;
  const same = shownPath === pathname;
  shownPath = pathname;
  if (first || same) return;
  requestAnimationFrame(() => document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true }));
}
