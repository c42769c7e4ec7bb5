/**
 * Builds metric/build/metric.wasm from metric/assembly when it is missing or stale: older than a source or
 * made by another version of the compiler. Run by npm before start, test and packing.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, 'assembly');
const wasm = join(here, 'build', 'metric.wasm');
const stamp = join(here, 'build', 'compiler.txt');

const FLAGS = [
  ...['-O3', '--noAssert', '--uncheckedBehavior', 'always'],
  ...['--runtime', 'stub', '--enable', 'simd', '--zeroFilledMemory'],
];

interface Compiler {
  script: string;
  /** Version and flags: another stamp means another binary. */
  stamp: string;
}

/** The AssemblyScript compiler, or null where development dependencies are not installed. */
function findCompiler(): Compiler | null {
  const script = resolveScript();
  if (script === null || !existsSync(script)) return null;
  const { version } = JSON.parse(readFileSync(join(dirname(script), '..', 'package.json'), 'utf8'));
  return { script, stamp: `asc ${version} ${FLAGS.join(' ')}\n` };
}

function resolveScript(): string | null {
  try {
    return fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function isFresh(compiler: Compiler): boolean {
  if (!existsSync(wasm) || !existsSync(stamp)) return false;
  if (readFileSync(stamp, 'utf8') !== compiler.stamp) return false;
  const built = statSync(wasm).mtimeMs;
  return readdirSync(sources).every((file) => statSync(join(sources, file)).mtimeMs <= built);
}

function compile(compiler: Compiler): void {
  mkdirSync(dirname(wasm), { recursive: true });
  const fresh = `${wasm}.${process.pid}`;
  const args = [compiler.script, join(sources, 'index.ts'), '--outFile', fresh, ...FLAGS];
  const { status, error } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`The AssemblyScript compiler failed with exit code ${status}.`);
  renameSync(fresh, wasm);
  writeFileSync(stamp, compiler.stamp);
}

const compiler = findCompiler();
if (compiler !== null) {
  if (!isFresh(compiler)) compile(compiler);
} else if (!existsSync(wasm)) {
  console.error(
    'metric/build/metric.wasm is missing and so is the assemblyscript package that builds it: run npm ci without --omit=dev.',
  );
  process.exitCode = 1;
}
