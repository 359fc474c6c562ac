import { randomBytes, randomInt, randomUUIDv7 } from 'node:crypto';

/** UUIDv7 (RFC 9562 §5.7): sortable by time of making. */
export const newId = (): string => randomUUIDv7();

/** 256 random bits, base64url: 43 characters. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** No vowels (no words by accident), no look-alikes (0 o 1 i l). */
const ALPHABET = 'bcdfghjkmnpqrstvwxyz23456789';

/** A code to read out over the phone, `kfm-2xq-pwt`: 28⁹ ≈ 10¹³ of them. */
export function newJoinCode(): string {
  const letters = Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${letters.slice(0, 3)}-${letters.slice(3, 6)}-${letters.slice(6)}`;
}

/** What people type, brought to the stored form; null when it cannot be a code. */
export function parseJoinCode(typed: string): string | null {
  const letters = typed.toLowerCase().replaceAll('-', '');
  return /^[a-z0-9]{9}$/.test(letters) ? `${letters.slice(0, 3)}-${letters.slice(3, 6)}-${letters.slice(6)}` : null;
}
