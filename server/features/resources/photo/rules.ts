import type { PHOTO_TYPES } from '../../../contract/resources.ts';

export type Picture = { mediaType: (typeof PHOTO_TYPES)[number]; width: number; height: number };

const ascii = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to);

/** What a file really is, by its own first bytes and not by what somebody says; null when it is none of the pictures we take. */
export function pictureOf(bytes: Buffer): Picture | null {
  return png(bytes) ?? webp(bytes) ?? jpeg(bytes);
}

/** PNG (RFC 2083 §3): signature, then IHDR with width and height. */
function png(bytes: Buffer): Picture | null {
  if (bytes.length < 33 || ascii(bytes, 0, 8) !== '\x89PNG\r\n\x1a\n' || ascii(bytes, 12, 16) !== 'IHDR') return null;
  return { mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** WebP (RFC 9649): RIFF container with a lossy (VP8), lossless (VP8L) or extended (VP8X) header first. */
function webp(bytes: Buffer): Picture | null {
  if (bytes.length < 30 || ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 12) !== 'WEBP') return null;
  const mediaType = 'image/webp';
  const chunk = ascii(bytes, 12, 16);
  if (chunk === 'VP8 ') return { mediaType, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (chunk === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return { mediaType, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return chunk === 'VP8X' ? { mediaType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 } : null;
}

/** JPEG (ITU T.81 annex B): markers up to the frame header, which has height and width. */
function jpeg(bytes: Buffer): Picture | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { mediaType: 'image/jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
