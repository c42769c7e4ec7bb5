/** Other people's tools on the same files, those that are installed, with the settings that their users know. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Rival {
  name: string;
  /** Groups that it takes part in. */
  groups: string[];
  /** Extensions of what it reads and writes. */
  from: string;
  to: string;
  command(input: string, output: string): string[];
}

const PLAIN_SHARP = `import sharp from 'sharp';
const [input, output] = process.argv.slice(-2);
await sharp(input, { animated: true }).autoOrient().toFile(output);`;

function plainSharp(name: string): Rival {
  return {
    name: 'sharp, its defaults',
    groups: [name],
    from: name,
    to: name,
    command: (input, output) => [
      process.execPath,
      '--input-type=module',
      '-e',
      PLAIN_SHARP,
      '--',
      input,
      output,
    ],
  };
}

export const RIVALS: Rival[] = [
  {
    name: 'jpegtran -optimize -progressive',
    groups: ['jpeg'],
    from: 'jpg',
    to: 'jpg',
    command: (input, output) => [
      'jpegtran',
      '-copy',
      'none',
      '-optimize',
      '-progressive',
      '-outfile',
      output,
      input,
    ],
  },
  {
    name: 'jpegoptim -s --all-progressive',
    groups: ['jpeg'],
    from: 'jpg',
    to: 'jpg',
    command: (input, output) => [
      'sh',
      '-c',
      `jpegoptim -q -s --all-progressive --stdout "${input}" > "${output}"`,
    ],
  },
  {
    name: 'jpegoptim -m85',
    groups: ['jpeg'],
    from: 'jpg',
    to: 'jpg',
    command: (input, output) => ['sh', '-c', `jpegoptim -q -s -m85 --stdout "${input}" > "${output}"`],
  },
  {
    name: 'optipng -o2',
    groups: ['png'],
    from: 'png',
    to: 'png',
    command: (input, output) => ['optipng', '-quiet', '-o2', '-out', output, input],
  },
  {
    name: 'pngquant 65-80',
    groups: ['png'],
    from: 'png',
    to: 'png',
    command: (input, output) => ['pngquant', '--quality', '65-80', '--output', output, input],
  },
  {
    name: 'gifsicle -O3',
    groups: ['gif'],
    from: 'gif',
    to: 'gif',
    command: (input, output) => ['gifsicle', '-O3', '-o', output, input],
  },
  {
    name: 'gifsicle -O3 --lossy=80',
    groups: ['gif'],
    from: 'gif',
    to: 'gif',
    command: (input, output) => ['gifsicle', '-O3', '--lossy=80', '-o', output, input],
  },
  {
    name: 'cwebp -q 80',
    groups: ['webp'],
    from: 'webp',
    to: 'webp',
    command: (input, output) => ['cwebp', '-quiet', '-q', '80', input, '-o', output],
  },
  {
    name: 'avifenc -s 6 --min 20 --max 30',
    groups: ['avif'],
    from: 'avif',
    to: 'avif',
    command: (input, output) => [
      'sh',
      '-c',
      `avifdec "${input}" "${output}.png" && avifenc -s 6 --min 20 --max 30 -j 1 "${output}.png" "${output}"`,
    ],
  },
  ...['jpeg', 'png', 'gif', 'webp', 'avif'].map(plainSharp),
];

/** Whether the first word of its commands, or of those that it gives to a shell, is installed. */
export function isInstalled({ command }: Rival): boolean {
  const [program, , script] = command('in', 'out');
  const name = program === 'sh' ? script!.split(' ')[0]! : program!;
  return spawnSync('sh', ['-c', `command -v "${name}"`]).status === 0;
}

export interface RivalResult {
  /** Null where it made none. */
  data: Uint8Array | null;
  cpuSeconds: number;
  /** Null where the system has no GNU time. */
  peakBytes: number | null;
}

const GNU_TIME = '/usr/bin/time';

/** A time limit for one file: some tools never come back from large animations. */
const TIMEOUT_MS = 300_000;

export function runRival(rival: Rival, file: Uint8Array): RivalResult {
  const folder = mkdtempSync(join(tmpdir(), 'rival-'));
  const [input, output] = [join(folder, `in.${rival.from}`), join(folder, `out.${rival.to}`)];
  const times = join(folder, 'times');
  try {
    writeFileSync(input, file);
    const command = rival.command(input, output);
    const timed = existsSync(GNU_TIME)
      ? [GNU_TIME, '-o', times, '-f', '%U %S %M', ...command]
      : ['bash', '-c', `TIMEFORMAT="%U %S"; { time "$@" 2>&3; } 3>&2 2> "${times}"`, 'bash', ...command];
    spawnSync(timed[0]!, timed.slice(1), { timeout: TIMEOUT_MS, stdio: 'ignore', cwd: import.meta.dirname });
    const [user, system, kilobytes] = readFileSync(times, 'utf8')
      .trim()
      .split('\n')
      .at(-1)!
      .split(' ')
      .map(Number);
    const hasResult = existsSync(output) && statSync(output).size > 0;
    return {
      data: hasResult ? readFileSync(output) : null,
      cpuSeconds: user! + system!,
      peakBytes: kilobytes === undefined ? null : kilobytes * 1024,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
