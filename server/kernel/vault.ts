import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const [NONCE, TAG] = [12, 16];

/**
 * For texts that whoever reads the database must not read: AES-256-GCM under a key that is derived from the server's secret
 * (HKDF, RFC 5869). A value is `key id (1) nonce (12) tag (16) text`.
 */
export class Vault {
  readonly #key: Buffer;
  readonly #keyId: number;

  constructor(secret: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'muster: texts at rest', 32));
    this.#keyId = createHash('sha256').update(this.#key).digest()[0]!;
  }

  /** `place` says where the value belongs (table, column, row): put elsewhere, it does not open. */
  seal(place: string, text: string): Buffer {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(this.#keyId), nonce, cipher.getAuthTag(), sealed]);
  }

  /** Null for what was sealed under another secret, or for another place, or was changed since. */
  open(place: string, value: Uint8Array): string | null {
    if (value[0] !== this.#keyId || value.length < 1 + NONCE + TAG) return null;
    const [nonce, tag] = [value.subarray(1, 1 + NONCE), value.subarray(1 + NONCE, 1 + NONCE + TAG)];
    const decipher = createDecipheriv(CIPHER, this.#key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(value.subarray(1 + NONCE + TAG)), decipher.final()]).toString('utf8');
    } catch {
      return null; // node:crypto has no narrower word for a tag that does not fit
    }
  }
}
