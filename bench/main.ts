/** `npm run bench -- NAME [ARGS]`: runs one measurement of this folder; without a name lists them. */
import { globSync } from 'node:fs';

const names = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => !['main', 'corpus', 'table'].includes(name))
  .sort();
const [name, ...args] = process.argv.slice(2);

if (name && names.includes(name)) {
  const bench = (await import(`./${name}.ts`)) as { run(args: string[]): Promise<void> };
  await bench.run(args);
} else {
  console.error(`usage: npm run bench -- ${names.join(' | ')}`);
  process.exitCode = 2;
}
