import type { MeetingFields } from './form.ts';

const key = (path: string) => `muster.draft:${path}`;

/** Keeps what was typed on a page in this tab. The access code stays out: it is a secret. */
export function keepDraft(path: string, fields: MeetingFields): void {
  sessionStorage.setItem(key(path), JSON.stringify({ ...fields, accessCode: undefined }));
}

/** What was kept for a page, once. */
export function takeDraft(path: string): Partial<MeetingFields> {
  const kept = sessionStorage.getItem(key(path));
  sessionStorage.removeItem(key(path));
  // Written by keepDraft in this very tab.
  return kept === null ? {} : (JSON.parse(kept) as Partial<MeetingFields>);
}
