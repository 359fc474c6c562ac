/** The address that guests get. */
export const meetingLink = (joinCode: string, origin: string): string => `${origin}/m/${joinCode}`;

/**
 * The code in what somebody typed or pasted: a whole link, or `KFM 2XQ PWT`, with or without dashes.
 * Null when it cannot be one.
 */
export function readCode(typed: string): string | null {
  const last =
    typed
      .trim()
      .replace(/[?#].*$/, '')
      .replace(/\/+$/, '')
      .split('/')
      .at(-1) ?? '';
  const letters = last.replace(/[\s-]/g, '').toLowerCase();
  if (!/^[a-z0-9]{9,}$/.test(letters) || letters.length > 16) return null;
  return letters.match(/.{1,3}/g)?.join('-') ?? null;
}
