#!/usr/bin/env node
/**
 * Starts the program on a Node that can run it: this one when it is new enough, else the one that npm
 * installed beside the package. Written for any Node from 18 on; everything else is `src/main.ts`'s.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Holds the launcher's process number in the process that it launched. */
const LAUNCHED_BY = 'KEENEYE_LAUNCHED_BY';

const launched = process.env[LAUNCHED_BY] === String(process.ppid);
delete process.env[LAUNCHED_BY];

if (!launched && process.env.npm_lifecycle_event) endWithNpm();

if (isNewEnough(process.versions.node)) {
  if (launched) dieWithLauncher();
  await import(pathToFileURL(entry()).href);
} else if (launched) {
  refuse('the Node that npm installed with it is too old as well');
} else {
  relaunch();
}

/** The first versions of each line that run TypeScript without being asked to. */
function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major === 22) return minor >= 18;
  if (major === 23) return minor >= 6;
  return major >= 24;
}

/** The sources, or, where Node refuses TypeScript because the package was installed, what was built of them. */
function entry() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const sources = join(root, 'src', 'main.ts');
  const installed = root.split(sep).includes('node_modules');
  return existsSync(sources) && !installed ? sources : join(root, 'dist', 'main.js');
}

/** Runs this file again on the pinned Node and becomes its stand-in: signals go down, the way it ended comes up. */
function relaunch() {
  const node = pinnedNode();
  if (!node) return refuse('the Node that npm installs with it is missing');
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const env = { ...process.env, [LAUNCHED_BY]: String(process.pid) };
  const child = spawn(node, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  for (const signal of ['SIGINT', 'SIGQUIT']) {
    // A terminal sends these to both of us, and a second one would cut the first's good work short.
    process.on(signal, () => isatty(0) || isatty(1) || isatty(2) || child.kill(signal));
  }
  child.on('error', (error) => refuse(`the Node that npm installed with it cannot be run: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Whoever kills the launcher means the program: the channel to it breaks at that moment, whatever killed it. */
function dieWithLauncher() {
  const die = () => process.kill(process.pid, 'SIGKILL');
  if (!process.connected) die();
  process.on('disconnect', die);
  process.channel?.unref();
}

/** npm hands signals to a shell that keeps them, and SIGKILL to nobody; yet who ends npm means the program. */
function endWithNpm() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  watch.unref();
}

function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `node-${process.platform}-${process.arch}/package.json`,
    );
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function refuse(reason) {
  const missing = `keeneye needs Node 22.18 or newer; this is ${process.versions.node}, and ${reason}.`;
  process.stderr.write(
    `${missing}\nInstall a newer Node, or on Linux reinstall with optional dependencies (npm ci without --omit=optional).\n`,
  );
  process.exit(1);
}
