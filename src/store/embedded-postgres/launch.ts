/**
 * How PostgreSQL's programs are run: never as root, which they refuse, and never for longer than this
 * process lives, even if that is killed. Which way works depends on the machine, so each is tried.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { within } from '../../lib/clock.ts';
import type { Binaries } from './binaries.ts';

export interface Launch {
  description: string;
  /** The user to whom the database's files must belong. */
  owner: Owner;
  /** Programs that stand before the one to run and lead over to it. */
  prefix: string[];
  /** What ends the program when this process dies: a signal of the kernel, or a closed pipe that a shell watches. */
  tie: 'signal' | 'pipe';
  /** User and group to change to before anything runs; left out when `prefix` sees to it. */
  runAs?: Owner;
}

export interface Owner {
  uid: number;
  gid: number;
}

/** By the kernel's custom the user who owns nothing. */
const NOBODY: Owner = { uid: 65_534, gid: 65_534 };
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const PROBE_TIMEOUT_MS = 10_000;

/** The kernel signals only deaths that come after the asking, so whoever is orphaned already does not begin. */
const UNLESS_ORPHANED = '[ "$PPID" = "$0" ] || exit 1; exec "$@"';

/** Runs a program, and interrupts it when standard input closes. */
const WATCH_INPUT = `
exec 3<&0
"$@" 3<&- </dev/null &
program=$!
{ read -r _ <&3; kill -INT "$program"; } 2>/dev/null &
watcher=$!
wait "$program"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"`;

/**
 * The first way that can run the programs and enter `folder`.
 * @throws Error saying how each way failed.
 */
export async function chooseLaunch(binaries: Binaries, folder: string): Promise<Launch> {
  const failures: string[] = [];
  for (const launch of launches()) {
    const failure = await probe(launch, binaries, folder);
    if (failure === null) return launch;
    failures.push(`  ${launch.description}, tied by a ${launch.tie}: ${failure}`);
  }
  throw new Error(
    [
      'The embedded PostgreSQL cannot be run here. Ways tried:',
      ...failures,
      'It needs glibc and, when the server runs as root, a DATA_DIR and an installation that other users may',
      'enter. Run the server as another user, or set DATABASE_URL to a PostgreSQL of your own.',
    ].join('\n'),
  );
}

/** Starts a program the chosen way; it leads a process group of its own, so that a Ctrl-C is not meant for it. */
export function launchProgram(
  launch: Launch,
  binaries: Binaries,
  program: string,
  args: string[],
): ChildProcess {
  const [file, ...rest] = [...launch.prefix, ...tieCommand(launch.tie), program, ...args];
  return spawn(file!, rest, {
    ...launch.runAs,
    detached: true,
    stdio: [launch.tie === 'pipe' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: {
      PATH,
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(binaries.libraryPath && { LD_LIBRARY_PATH: binaries.libraryPath }),
    },
  });
}

/** Runs a program to its end. @returns null when it ended well, else what it complained of. */
export async function runProgram(
  launch: Launch,
  binaries: Binaries,
  program: string,
  args: string[],
): Promise<string | null> {
  const child = launchProgram(launch, binaries, program, args);
  child.stdout!.resume();
  const errors: string[] = [];
  child.stderr!.on('data', (chunk) => errors.push(String(chunk)));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(null);
      else resolve(errors.join('').trim() || `ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

/** @returns null when the launch works, else why it does not. */
async function probe(launch: Launch, binaries: Binaries, folder: string): Promise<string | null> {
  const script = 'cd "$0" && exec "$1" --version';
  const args = ['-c', script, folder, binaries.postgres];
  try {
    const failure = await within(PROBE_TIMEOUT_MS, runProgram(launch, binaries, 'sh', args));
    return failure === undefined ? 'no answer' : failure;
  } catch (error) {
    return (error as Error).message;
  }
}

function launches(): Launch[] {
  const self: Owner = { uid: process.geteuid!(), gid: process.getegid!() };
  const tied = (launch: Omit<Launch, 'tie'>): Launch[] => [
    { ...launch, tie: 'signal' },
    { ...launch, tie: 'pipe' },
  ];
  if (self.uid !== 0) return tied({ description: 'as this user', owner: self, prefix: [] });
  return [
    ...tied({ description: 'in a user namespace', owner: self, prefix: namespaceCommand() }),
    { description: 'as nobody, let into all folders', owner: NOBODY, prefix: nobodyCommand(), tie: 'signal' },
    ...tied({ description: 'as nobody', owner: NOBODY, prefix: [], runAs: NOBODY }),
  ];
}

/** Inside, this process's user has another number than root's; outside, nothing changes. */
function namespaceCommand(): string[] {
  return ['unshare', '--user', `--map-user=${NOBODY.uid}`, `--map-group=${NOBODY.gid}`];
}

/**
 * Containers often forbid user namespaces but leave root the right to pass all folders. Nobody inherits
 * that one right, for an installation or a DATA_DIR below a home that is closed to others; the secure bit
 * makes it count for access(2) too, by which PostgreSQL looks for its programs.
 */
function nobodyCommand(): string[] {
  const user = [`--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups'];
  const right = ['--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return ['setpriv', ...user, ...right];
}

function tieCommand(tie: Launch['tie']): string[] {
  // A change of user clears the wish for the signal, so it has to come after that.
  if (tie === 'signal')
    return ['setpriv', '--pdeathsig=INT', 'sh', '-c', UNLESS_ORPHANED, String(process.pid)];
  return ['sh', '-c', WATCH_INPUT, 'sh'];
}
