/** The table of variables as people read it: Markdown for docs/reference, plain text for `--help`. */
import { VARIABLES, type Variable } from './env.ts';

const rows = Object.values(VARIABLES) as Variable<unknown>[];

/** The whole of docs/reference/config.md. */
export function configReference(): string {
  const lines = rows.map((row) => `| \`${row.name}\` | ${defaultOf(row)} | ${row.help} |`);
  return [
    '# Configuration',
    '',
    'Keeneye is configured by environment variables only; a blank variable counts as unset. Every fault is',
    'reported at the start, all at once, and the server then does not start.',
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...lines,
    '',
    `${secretNames()} may also be read from a file: set the variable's name with \`_FILE\` appended to its path.`,
    '',
  ].join('\n');
}

/** The table as indented plain text, for the end of `keeneye serve --help`. */
export function configHelp(): string {
  const width = Math.max(...rows.map((row) => row.name.length));
  const lines = rows.map((row) => `  ${row.name.padEnd(width)}  ${row.help} (default: ${row.shown})`);
  return ['Environment variables:', ...lines].join('\n');
}

function defaultOf(row: Variable<unknown>): string {
  return String(row.default) === row.shown || /^[\d./]/.test(row.shown) ? `\`${row.shown}\`` : row.shown;
}

function secretNames(): string {
  return rows
    .filter((row) => row.secret)
    .map((row) => `\`${row.name}\``)
    .join(' and ');
}
