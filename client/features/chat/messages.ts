import type { ChatMessage } from '../../../server/contract/chat.ts';

/** A piece of a message: words, or an address that can be opened. */
export type TextPart = { text: string; href?: string };

/** Addresses end before the punctuation of the sentence around them. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/giu;
const TRAILING = /[.,:;!?)\]}'"»”]+$/u;

/** Finds http and https addresses in plain text. Everything else stays text: nothing in a message is ever markup. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = withoutTrailing(found[0]);
    if (!URL.canParse(address)) continue;
    if (found.index > from) parts.push({ text: text.slice(from, found.index) });
    parts.push({ text: address, href: address });
    from = found.index + address.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** A closing bracket belongs to the address that opened one: `…/Case_(law)`. */
function withoutTrailing(address: string): string {
  const trimmed = address.replace(TRAILING, '');
  return address[trimmed.length] === ')' && trimmed.includes('(') ? `${trimmed})` : trimmed;
}

/** The later state of one message: answers and changes may come in any order. */
function later(a: ChatMessage, b: ChatMessage): ChatMessage {
  if (a.deleted !== b.deleted) return a.deleted ? a : b;
  return Date.parse(a.editedAt ?? a.sentAt) > Date.parse(b.editedAt ?? b.sentAt) ? a : b;
}

/** All of them once, in order of writing (ids are), each in its latest state. */
export function merged(...lists: readonly (readonly ChatMessage[])[]): ChatMessage[] {
  const found = new Map<string, ChatMessage>();
  for (const message of lists.flat()) {
    const known = found.get(message.id);
    found.set(message.id, known ? later(known, message) : message);
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Messages of others after the last one that was read. */
export const unreadIn = (messages: readonly ChatMessage[], lastRead: string, self: string | undefined): number =>
  messages.filter(({ id, from, deleted }) => id > lastRead && !deleted && from.participantId !== self).length;
