/** `node server/config-table.ts` brings the README's table of variables up to date; a test tells when it is not. */
import { readFileSync, writeFileSync } from 'node:fs';
import { variables } from './config.ts';

const readme = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- from server/config.ts: node server/config-table.ts -->\n';
const END = '<!-- end -->';

/** The README with the table as it has to be; throws when the README has no place for it. */
export function readmeWithTable(text: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md needs the lines ${BEGIN} and ${END}`);
  const rows = Object.values(variables).map(({ name, shown, doc }) => `| \`${name}\` | ${shown} | ${doc.replaceAll('|', '\\|')} |\n`);
  return `${before}${BEGIN}| variable | default | meaning |\n| --- | --- | --- |\n${rows.join('')}${END}${after}`;
}

export const readReadme = (): string => readFileSync(readme, 'utf8');

if (import.meta.main) writeFileSync(readme, readmeWithTable(readReadme()));
