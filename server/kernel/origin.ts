import type { IncomingHttpHeaders } from 'node:http';

/**
 * Does a state-changing request come from our own pages (or from a program, which sends neither header)?
 * Browsers attach our cookies to requests of other origins too; this is what refuses them (OWASP CSRF Prevention, Fetch Metadata).
 */
export function fromOwnOrigin(headers: IncomingHttpHeaders, publicUrl?: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site) return site === 'same-origin' || site === 'none';
  if (!headers.origin) return true;
  const host = URL.parse(headers.origin)?.host;
  return host === headers.host || (publicUrl !== undefined && host === URL.parse(publicUrl)?.host);
}
