import t from 'tap';
import { merged, partsOf, unreadIn } from '../../client/features/chat/messages.ts';
import type { ChatMessage } from '../../server/contract/chat.ts';

const message = (n: number, over: Partial<ChatMessage> = {}): ChatMessage => ({
  id: `0190-${String(n).padStart(4, '0')}`,
  from: { participantId: 'ana', displayName: 'Ana' },
  audience: 'everyone',
  to: null,
  text: String(n),
  sentAt: `2026-11-21T10:00:${String(n).padStart(2, '0')}Z`,
  editedAt: null,
  deleted: false,
  ...over,
});
const links = (text: string) => partsOf(text).flatMap(({ href }) => href ?? []);

t.test('addresses in a message become links, everything else stays text', async (t) => {
  t.same(partsOf('See https://example.org/a?b=c#d, please.'), [
    { text: 'See ' },
    { text: 'https://example.org/a?b=c#d', href: 'https://example.org/a?b=c#d' },
    { text: ', please.' },
  ]);
  t.same(links('(https://example.org) "http://a.test/x_(y)" https://b.test!'), [
    'https://example.org',
    'http://a.test/x_(y)',
    'https://b.test',
  ]);
  for (const text of ['javascript:alert(1)', '<a href="x">y</a>', 'data:text/html,x', 'https://', 'mailto:a@b.c', ''])
    t.same(links(text), [], text);
  for (const text of ['a https://x.test b', '<img src="https://x.test/y">', 'line\nline'])
    t.equal(
      partsOf(text)
        .map((part) => part.text)
        .join(''),
      text,
      'no character is lost',
    );
});

t.test('answers and changes may come in any order: the latest state of each message wins', async (t) => {
  const first = message(1);
  const edited = message(1, { text: 'one', editedAt: '2026-11-21T10:01:00Z' });
  const deleted = message(1, { text: '', editedAt: null, deleted: true });
  for (const lists of [
    [[first, edited], [message(2)]],
    [[message(2), edited], [first]],
  ])
    t.same(
      merged(...lists).map(({ text }) => text),
      ['one', '2'],
    );
  t.same(merged([edited], [deleted]), [deleted]);
  t.same(merged([deleted], [edited]), [deleted]);
});

t.test('unread is what others wrote since, and did not delete', async (t) => {
  const messages = [
    message(1),
    message(2),
    message(3, { deleted: true }),
    message(4, { from: { participantId: 'me', displayName: 'Me' } }),
  ];
  t.equal(unreadIn(messages, '', 'me'), 2);
  t.equal(unreadIn(messages, messages[0]!.id, 'me'), 1);
  t.equal(unreadIn(messages, messages[3]!.id, 'me'), 0);
});
