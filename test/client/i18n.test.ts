import { globSync, readFileSync } from 'node:fs';
import tap from 'tap';
import { type MessageKey, t as say, useLanguage } from '../../client/lib/i18n.ts';
import en from '../../client/messages/en.json' with { type: 'json' };

const root = new URL('../..', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const keys = Object.keys(en);
const sources = globSync('client/**/*.{svelte,ts}', { cwd: root }).map(read).join('\n');

tap.test('every language has every key, and none that English lacks', async (t) => {
  for (const file of globSync('client/messages/*.json', { cwd: root })) {
    t.strictSame(Object.keys(JSON.parse(read(file))).sort(), [...keys].sort(), file);
  }
});

tap.test('every message can be read by the formatter', async (t) => {
  for (const key of keys) {
    // `keys` are the keys of en.json, which is what MessageKey means.
    const known = key as MessageKey;
    const names = [...en[known].matchAll(/\{(\w+)/g)].map(([, name = '']) => name);
    t.doesNotThrow(() => say(known, Object.fromEntries(names.map((name) => [name, 2]))), key);
  }
});

tap.test('every key that the pages use exists', async (t) => {
  const used = [...sources.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key = '']) => key);
  t.ok(used.length > 100);
  for (const key of new Set(used)) t.ok(keys.includes(key), key);
});

tap.test('every key that exists is used', async (t) => {
  const families = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map(([, family = '']) => family);
  for (const key of keys) t.ok(sources.includes(`'${key}'`) || families.some((family) => key.startsWith(family)), key);
});

tap.test('a language that lacks a key says it in English', async (t) => {
  t.teardown(() => useLanguage('en', {}));
  useLanguage('de', { 'ui.close': 'Schließen' });
  t.equal(say('ui.close'), 'Schließen');
  t.equal(say('ui.done'), en['ui.done']);
});

tap.test('values are text: markup in a name stays what it is', async (t) => {
  t.equal(say('people.none', { q: '<b>Ann</b> & {x}' }), 'Nobody matches “<b>Ann</b> & {x}”');
});
