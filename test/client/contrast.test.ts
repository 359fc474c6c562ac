import { readFileSync } from 'node:fs';
import t from 'tap';

const css = readFileSync(new URL('../../client/tokens.css', import.meta.url), 'utf8');

type Theme = 'light' | 'dark' | 'stage';
type Palette = Record<string, string>;

const declarations = (block: string) =>
  [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value] as const);

/** Every colour token as `#rrggbb`, as a browser resolves it in that theme. */
function palette(theme: Theme): Palette {
  const [root = '', stage = ''] = [/:root \{([^}]+)\}/, /\[data-theme=["']stage["']\] \{([^}]+)\}/].map(
    (rule) => rule.exec(css)?.[1] ?? '',
  );
  const colours: Palette = {};
  for (const [name, value] of declarations(root)) {
    const [, light, dark] = /^light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)$/.exec(value) ?? [];
    if (light && dark) colours[name] = theme === 'light' ? light : dark;
  }
  if (theme === 'stage') for (const [name, value] of declarations(stage)) if (/^#[0-9a-f]{6}$/.test(value)) colours[name] = value;
  return colours;
}

/** WCAG 2.2: relative luminance and contrast ratio. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [brighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (brighter + 0.05) / (darker + 0.05);
}

const GROUNDS = ['paper', 'surface', 'raised', 'sunken'];
const MEANINGS = ['live', 'good', 'attention', 'stop'];

const TEXT: readonly (readonly [string, string])[] = [
  ...GROUNDS.flatMap((ground) => ['ink', 'muted', 'accent'].map((text) => [text, ground] as const)),
  ...MEANINGS.flatMap((meaning) => [
    ...GROUNDS.map((ground) => [meaning, ground] as const),
    [meaning, `${meaning}-soft`] as const,
    ['ink', `${meaning}-soft`] as const,
    ['muted', `${meaning}-soft`] as const,
    [`on-${meaning}`, meaning] as const,
  ]),
  ...['ink', 'muted', 'accent'].map((text) => [text, 'accent-soft'] as const),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
];

/** Borders of controls, and the ring around what has the focus. */
const SHAPES = GROUNDS.flatMap((ground) => [['edge', ground] as const, ['accent', ground] as const]);

for (const theme of ['light', 'dark', 'stage'] as const) {
  const colours = palette(theme);
  const ratio = (one: string, other: string) => contrast(colours[one] ?? '', colours[other] ?? '');

  t.test(`text is at least 4.5:1 against what it stands on, ${theme}`, async (t) => {
    for (const [text, ground] of TEXT) t.ok(ratio(text, ground) >= 4.5, `${text} on ${ground}: ${ratio(text, ground).toFixed(2)}`);
  });

  t.test(`shapes that mean something are at least 3:1 against what they stand on, ${theme}`, async (t) => {
    for (const [shape, ground] of SHAPES) t.ok(ratio(shape, ground) >= 3, `${shape} on ${ground}: ${ratio(shape, ground).toFixed(2)}`);
  });
}

t.test('every component takes its colours from the tokens', async (t) => {
  const { globSync } = await import('node:fs');
  const files = globSync('client/**/*.{svelte,ts,css}', { cwd: new URL('../..', import.meta.url) });
  t.ok(files.length > 30);
  for (const file of files.filter((name) => !name.endsWith('tokens.css'))) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    t.notMatch(text, /#[0-9a-f]{6}\b|\brgba?\(|\bhsla?\(|\boklch\(/i, `${file} names no colour of its own`);
  }
});
