/** Where `?next=` may lead: a path of this very site, never another one, never back to a sign-in page. */
export function safeNext(next: string | null, origin: string): string {
  if (!next?.startsWith('/')) return '/';
  try {
    const url = new URL(next, origin);
    if (url.origin !== origin || url.pathname === '/sign-in') return '/';
    return url.pathname + url.search;
  } catch {
    return '/';
  }
}

/** The sign-in page that comes back to this address. */
export function signInPath(location: { pathname: string; search: string }): string {
  const here = location.pathname + location.search;
  return here === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next: here })}`;
}
