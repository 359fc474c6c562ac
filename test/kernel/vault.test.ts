import t from 'tap';
import { Vault } from '../../server/kernel/vault.ts';

const vault = new Vault('a secret of at least thirty-two characters');
const TEXT = 'Zu laut, aber schön: 🎉';

t.test('what was sealed opens at its own place, and nowhere else', async (t) => {
  const value = vault.seal('feedback.comment 1', TEXT);
  t.notMatch(value.toString('latin1'), 'laut');
  t.equal(value.length, Buffer.byteLength(TEXT) + 29);
  t.equal(vault.open('feedback.comment 1', value), TEXT);
  t.equal(vault.open('feedback.comment 2', value), null);
  t.equal(new Vault('another secret of thirty-two characters').open('feedback.comment 1', value), null);
});

t.test('the same text is sealed differently each time, and a changed value does not open', async (t) => {
  const value = vault.seal('x', TEXT);
  t.notSame(vault.seal('x', TEXT), value);
  for (let at = 0; at < value.length; at++) {
    const changed = Buffer.from(value);
    changed[at]! ^= 1;
    t.equal(vault.open('x', changed), null, `byte ${at}`);
  }
  t.equal(vault.open('x', value.subarray(0, 20)), null, 'cut off');
  t.equal(vault.open('x', Buffer.alloc(0)), null, 'empty');
});
