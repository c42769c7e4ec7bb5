/**
 * Writes docs/reference from the code, so that it cannot say something else than the program does.
 * Run by `npm run docs`; `test/docs.test.ts` fails when what is there is stale.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { adminOpenapi } from '../src/admin/openapi.ts';
import { createProgram } from '../src/cli/program.ts';
import { configReference } from '../src/config/reference.ts';
import { WORDINGS } from '../src/dialects/native/errors.ts';
import { openapi } from '../src/dialects/native/openapi.ts';
import { REASONS } from '../src/engine/contract.ts';
import { REASON_MEANINGS } from '../src/engine/reason-meanings.ts';
import { PROBLEM_CODES, type ProblemCode } from '../src/lib/problem.ts';

const FOLDER = join(import.meta.dirname, 'reference');
const HELP_WIDTH = 100;

/** @returns what docs/reference must hold: file name to content. */
export function referencePages(): Record<string, string> {
  const statusOf = (code: ProblemCode) => WORDINGS[code].status;
  return {
    'cli.md': cliPage(),
    'config.md': configReference(),
    'errors.md': errorsPage(),
    'openapi-admin.json': `${JSON.stringify(adminOpenapi('http://127.0.0.1:8080', statusOf), null, 2)}\n`,
    'openapi.json': `${JSON.stringify(openapi('http://127.0.0.1:8080'), null, 2)}\n`,
  };
}

function cliPage(): string {
  const sections = withSubcommands(createProgram()).map((command) => {
    const name = fullName(command);
    return `## ${name}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`;
  });
  return ['# Command line\n', 'What `--help` prints, verb by verb.\n', ...sections].join('\n');
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}

/** With the texts that stand after the options, which only `outputHelp` adds. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => HELP_WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return help;
}

function errorsPage(): string {
  const problems = PROBLEM_CODES.map((code) => [
    `\`${code}\``,
    `${WORDINGS[code].status}`,
    WORDINGS[code].title,
  ]);
  const reasons = REASONS.map((reason) => [`\`${reason}\``, REASON_MEANINGS[reason]]);
  return `# Errors and reasons

## Problems

A request that is refused is answered with one of these codes. The native API sends them as
\`application/problem+json\` with the status below, \`code\`, and a sentence in \`detail\`; the other dialects
say the same in their vendor's words, as the README of each describes.

${table(['code', 'status', 'meaning'], problems)}

## Reasons for declining

Declined is an outcome, not an error: nothing ships, nothing is charged, and the original is the best there
is. The list is closed; a sentence about the very image stands in \`detail\`.

${table(['reason', 'meaning'], reasons)}
`;
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, content] of Object.entries(referencePages())) writeFileSync(join(FOLDER, name), content);
}
