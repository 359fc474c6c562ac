import { argon2, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);
/** OWASP Password Storage Cheat Sheet, Argon2id minimum: 19 MiB, 2 passes, 1 lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** Argon2id (RFC 9106) as a PHC string, as every other tool writes it. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive('argon2id', { message: password.normalize('NFKC'), nonce, ...COST, tagLength: 32 });
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${base64(nonce)}$${base64(tag)}`;
}

export async function verifyPassword(phc: string, password: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!parts) return false;
  const [, memory, passes, parallelism, nonce, tag] = parts;
  const wanted = Buffer.from(tag!, 'base64');
  const got = await derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: Buffer.from(nonce!, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: wanted.length,
  });
  return timingSafeEqual(wanted, got);
}

/** SHA-256, hex. Enough for random tokens; never for passwords. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** HMAC-SHA-256, base64url. `purpose` separates uses of the one secret. */
export const mac = (secret: string, purpose: string, text: string): string =>
  createHmac('sha256', secret).update(`${purpose}\0${text}`).digest('base64url');

/** `text.signature` */
export const signed = (secret: string, purpose: string, text: string): string => `${text}.${mac(secret, purpose, text)}`;

/** The text of a value made by `signed`, or null when anything about it is wrong. */
export function verified(secret: string, purpose: string, value: string): string | null {
  const cut = value.lastIndexOf('.');
  const text = value.slice(0, cut);
  const [got, wanted] = [Buffer.from(value.slice(cut + 1)), Buffer.from(mac(secret, purpose, text))];
  return cut > 0 && got.length === wanted.length && timingSafeEqual(got, wanted) ? text : null;
}
