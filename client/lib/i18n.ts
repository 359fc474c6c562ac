import { IntlMessageFormat } from 'intl-messageformat';
import en from '../messages/en.json' with { type: 'json' };

export type MessageKey = keyof typeof en;
export type Messages = Record<MessageKey, string>;
export type MessageValues = Record<string, string | number | boolean | Date>;

let messages: Messages = en;
let language = 'en';
const compiled = new Map<MessageKey, IntlMessageFormat>();

/** Called once before the app mounts. A language is one file like messages/en.json; keys it lacks are in English. */
export function useLanguage(tag: string, translated: Partial<Messages>): void {
  language = tag;
  messages = { ...en, ...translated };
  compiled.clear();
}

/** Is there a text of this name? For names that the server makes up. */
export const isMessage = (key: string): key is MessageKey => key in en;

/** The text of a key, with ICU MessageFormat values filled in. Plain text, never HTML. */
export function t(key: MessageKey, values?: MessageValues): string {
  let format = compiled.get(key);
  if (!format) {
    format = new IntlMessageFormat(messages[key], language, undefined, { ignoreTag: true });
    compiled.set(key, format);
  }
  return String(format.format(values));
}
