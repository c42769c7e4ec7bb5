/** `bin/keeneye.js` in packages made for the purpose, under a Node that says it is an old one. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { untilEnded } from '../processes.ts';

const root = await mkdtemp(join(tmpdir(), 'keeneye-launcher-'));
after(() => rm(root, { recursive: true }));

const launcher = join(import.meta.dirname, '../../bin/keeneye.js');
const pinnedName = `node-${process.platform}-${process.arch}`;

/** Does what its argument says, and says who and where it is once it is ready for signals. */
const PROGRAM = `
const [verb] = process.argv.slice(2);
if (verb === 'wait' || verb === 'drain') setInterval(() => {}, 1000);
if (verb === 'drain') process.on('SIGTERM', () => process.exit(5));
console.log(JSON.stringify({ pid: process.pid, execPath: process.execPath, args: process.argv.slice(2), file: import.meta.url }));
if (verb === 'exit') process.exitCode = 7;
if (verb === 'abort') process.kill(process.pid, 'SIGABRT');
`;

/** Makes this Node call itself an old one, until the launcher has relaunched. */
const oldNode = join(root, 'old-node.mjs');
await writeFile(
  oldNode,
  `if (!process.env.KEENEYE_LAUNCHED_BY) {
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
  }`,
);

async function makePackage(folder: string, programFile: string): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await cp(launcher, join(folder, 'bin/keeneye.js'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await mkdir(join(folder, programFile, '..'), { recursive: true });
  await writeFile(join(folder, programFile), PROGRAM);
  return join(folder, 'bin/keeneye.js');
}

async function makePinnedNode(modules: string): Promise<string> {
  const folder = join(modules, pinnedName);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{}');
  await symlink(process.execPath, join(folder, 'bin/node'));
  return join(folder, 'bin/node');
}

const checkout = await makePackage(join(root, 'checkout'), 'src/main.ts');
await makePinnedNode(join(root, 'checkout/node_modules'));

interface Run {
  child: ChildProcess;
  said: { pid: number; execPath: string; args: string[]; file: string };
}

/** @param node flags of the Node that runs the launcher. */
async function run(bin: string, node: string[], ...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [...node, bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout!, 'data');
  return { child, said: JSON.parse(String(line)) };
}

async function ending(child: ChildProcess): Promise<number | NodeJS.Signals> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.signalCode ?? child.exitCode!;
}

const OLD = ['--import', oldNode];

const project = join(import.meta.dirname, '../..');
const { optionalDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const pinned: string | undefined = optionalDependencies[pinnedName];

test('npm start, npm test and npx find the pinned Node first', {
  skip: !pinned && 'there is none for here',
}, () => {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  assert.equal(packages[`node_modules/${pinnedName}`].version, pinned);
  // What npm puts in front of PATH for whatever it runs.
  const node = join(project, 'node_modules/.bin/node');
  assert.equal(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(), `v${pinned}`);
});

test('on a Node that is new enough the program runs in the launching process', async () => {
  const { child, said } = await run(checkout, [], 'exit', '--flag');
  assert.equal(said.pid, child.pid);
  assert.deepEqual(said.args, ['exit', '--flag']);
  assert.equal(await ending(child), 7);
});

test('on an older Node it runs on the pinned one, and arguments and exit code pass through', async () => {
  const { child, said } = await run(checkout, OLD, 'exit', 'a b', '');
  assert.notEqual(said.pid, child.pid);
  assert.deepEqual(said.args, ['exit', 'a b', '']);
  assert.equal(await ending(child), 7);
});

test('a signal to the launcher reaches the program, which may take its time', async () => {
  const { child } = await run(checkout, OLD, 'drain');
  child.kill('SIGTERM');
  assert.equal(await ending(child), 5);
});

test('the launcher ends by the signal by which the program ended', async () => {
  const { child } = await run(checkout, OLD, 'abort');
  assert.equal(await ending(child), 'SIGABRT');
});

test('kill -9 of the launcher ends the program at once', async () => {
  const { child, said } = await run(checkout, OLD, 'wait');
  child.kill('SIGKILL');
  await untilEnded(said.pid);
});

test('killing npm, or the shell that it starts, tells the program to end', async () => {
  const shell = spawn('sh', ['-c', '"$@"; exit', 'sh', process.execPath, checkout, 'wait'], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(shell.stdout, 'data');
  shell.kill('SIGKILL');
  await untilEnded(JSON.parse(String(line)).pid);
});

test('an installed package runs what was built, on a pinned Node that npm put beside it', async () => {
  const modules = join(root, 'app/node_modules');
  const bin = await makePackage(join(modules, 'keeneye'), 'dist/main.js');
  await mkdir(join(modules, 'keeneye/src'));
  await writeFile(join(modules, 'keeneye/src/main.ts'), 'throw new Error("not to be run from here")');
  await makePinnedNode(modules);
  const { child, said } = await run(bin, OLD, 'exit');
  assert.match(said.file, /keeneye\/dist\/main\.js$/);
  assert.equal(await ending(child), 7);
});

test('where no Node will do it says what is needed and fails', async () => {
  const bin = await makePackage(join(root, 'alone'), 'src/main.ts');
  const child = spawn(process.execPath, [...OLD, bin], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [complaint] = await once(child.stderr!, 'data');
  assert.match(String(complaint), /^keeneye needs Node 22\.18 or newer; this is 20\.20\.2/);
  assert.equal(await ending(child), 1);
});
