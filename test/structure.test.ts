/** The tree and who may import whom, as the README draws them. Each refusal says where the code belongs; there are no exceptions. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';

const root = path.resolve(import.meta.dirname, '..');
const files = globSync('{server,client,media,migrations,test}/**/*.{ts,svelte}', { cwd: root }).map((file) =>
  file.split(path.sep).join('/'),
);
const source = new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));

const featureOf = (file: string) => /^server\/features\/([^/]+)\//.exec(file)?.[1];
/** The area of the tree that a file is in; a single file in server/ is its own. */
const areaOf = (file: string) => /^(?:server\/(?:contract|kernel|features)|client|media|migrations|test)(?=\/)/.exec(file)?.[0] ?? file;

type Import = { from: string; to: string };
/** What a file imports: files of ours by their path, packages by their name. */
const imports: Import[] = [...source].flatMap(([from, text]) =>
  [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g)].map(([, name = '']) => ({
    from,
    to: name.startsWith('.') ? path.posix.join(path.posix.dirname(from), name) : name,
  })),
);
const ours = imports.filter(({ to }) => source.has(to));

/** Area -> the areas of ours that it may import. */
const MAY_IMPORT: Record<string, string[]> = {
  'server/contract': ['server/contract'],
  'server/kernel': ['server/kernel', 'server/contract'],
  'server/policy.ts': ['server/kernel', 'server/contract'],
  'server/features': ['server/features', 'server/policy.ts', 'server/kernel', 'server/contract'],
  'server/config-values.ts': ['server/contract'],
  'server/config.ts': ['server/config-values.ts', 'server/kernel', 'server/contract'],
  'server/config-table.ts': ['server/config.ts'],
  'server/audit-verify.ts': ['server/config.ts', 'server/kernel'],
  'server/entities.ts': ['server/features'],
  'server/app.ts': [
    'server/entities.ts',
    'server/features',
    'server/policy.ts',
    'server/kernel',
    'server/contract',
    'server/config.ts',
    'media',
  ],
  'server/main.ts': ['server/app.ts', 'server/config.ts', 'server/kernel'],
  client: ['client', 'server/contract'],
  media: ['media', 'server/contract'],
  migrations: [],
};

const JOBS: Record<string, string> = {
  'entity.ts': 'tables and their invariants',
  'rules.ts': 'pure functions',
  'service.ts': 'use cases',
  'routes.ts': 'HTTP operations',
  'socket.ts': 'socket commands',
  'view.ts': 'what leaves, in the shape of the contract',
  'jobs.ts': 'timed work',
};
const vocabulary = Object.entries(JOBS)
  .map(([name, job]) => `${name} (${job})`)
  .join(', ');

/** Holds when the list is empty; else the message says where the code belongs. */
const none = (t: Test, broken: string[], where: string) => t.same(broken, [], where);
const lineOf = ({ from, to }: Import) => `${from} imports ${to}`;

t.test('a feature is made of a closed set of files', async (t) => {
  const strangers = files.filter((file) => featureOf(file) && !(path.basename(file) in JOBS));
  none(t, strangers, `split it into ${vocabulary}; a concern inside a feature is a folder of its own with the same names`);
});

t.test('no file is named after nothing', async (t) => {
  const vague = files.filter((file) => /^(index|utils?|helpers?|types|common|misc)\.(ts|svelte|svelte\.ts)$/.test(path.basename(file)));
  none(t, vague, 'name the file after what is in it, and put it beside what uses it');
});

t.test('imports go one way', async (t) => {
  const wrong = ours.filter(({ from, to }) => areaOf(from) !== 'test' && !MAY_IMPORT[areaOf(from)]?.includes(areaOf(to)));
  const ways = 'main -> app -> features -> policy, kernel -> contract; client and media -> contract; only app.ts joins server and media';
  none(t, wrong.map(lineOf), `${ways}: move what is shared down, or hand it over from app.ts`);
  const unknown = files.filter((file) => areaOf(file) === file && !(file in MAY_IMPORT) && file.startsWith('server/'));
  none(
    t,
    unknown,
    'directly in server/ are main, app, config, policy and what people start: a concern of people belongs to features/, a mechanism to kernel/',
  );
  t.ok(ours.length > 100, 'the imports were found');
});

t.test('the contract needs nothing but typebox', async (t) => {
  const foreign = imports.filter(({ from, to }) => areaOf(from) === 'server/contract' && !source.has(to) && !/^typebox(\/|$)/.test(to));
  none(t, foreign.map(lineOf), 'the contract is shapes and words for every side: behaviour belongs to kernel/ or client/lib/');
});

t.test('media knows no database, no HTTP and no socket', async (t) => {
  const foreign = imports.filter(
    ({ from, to }) => areaOf(from) === 'media' && /^(pg|@mikro-orm|kysely|fastify|@fastify|socket\.io|redis)\b/.test(to),
  );
  none(
    t,
    foreign.map(lineOf),
    'media/ implements kernel/media-port.ts: what it must know is handed over by a call, what it tells is a signal',
  );
});

t.test('transports are bound by app.ts alone', async (t) => {
  const bound = ours.filter(({ from, to }) => /^server\/features\/.*\/(routes|socket|jobs)\.ts$/.test(to) && from !== 'server/app.ts');
  none(t, bound.filter(({ from }) => areaOf(from) !== 'test').map(lineOf), 'what both need belongs to service.ts');
});

t.test('features meet at services and entities, without cycles', async (t) => {
  const between = ours.filter(({ from, to }) => featureOf(from) && featureOf(to) && featureOf(from) !== featureOf(to));
  // A view is a pure function of its entity: who may know the one may show the other.
  const deep = between.filter(({ to }) => !/\/(service|entity|view)\.ts$/.test(to));
  none(
    t,
    deep.map(lineOf),
    "import the other feature's service.ts, or its entity.ts and view.ts for a relation; what neither owns belongs to kernel/",
  );

  const next = Map.groupBy(between, ({ from }) => featureOf(from));
  const cycles: string[] = [];
  const walk = (feature: string | undefined, trail: (string | undefined)[]): void => {
    if (trail.includes(feature)) return void cycles.push([...trail.slice(trail.indexOf(feature)), feature].join(' -> '));
    for (const to of new Set(next.get(feature)?.map((edge) => featureOf(edge.to)))) walk(to, [...trail, feature]);
  };
  for (const feature of next.keys()) walk(feature, []);
  none(t, [...new Set(cycles)], 'let one side ask the other, or hand one a function from app.ts');
});

t.test('files stay small enough to be read at once', async (t) => {
  const long = [...source].flatMap(([file, text]) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > (file.endsWith('.svelte') ? 200 : 300) ? [`${file}: ${lines} lines`] : [];
  });
  none(t, long, 'at most 300 lines, components 200: take the part with a name of its own out');
});

t.test('errors have codes and the log has one door', async (t) => {
  const server = [...source].filter(([file]) => file.startsWith('server/'));
  const uncoded = server.filter(([file, text]) => featureOf(file) && /throw new (?!AppError\b)/.test(text)).map(([file]) => file);
  none(t, uncoded, 'throw an AppError with a code from contract/errors.ts');
  const programs = ['server/main.ts', 'server/audit-verify.ts'];
  const printing = server.filter(([file, text]) => !programs.includes(file) && /\bconsole\./.test(text)).map(([file]) => file);
  none(t, printing, 'log through kernel/log.ts; only what people start speaks to the terminal');
});
