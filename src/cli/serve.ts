/**
 * `keeneye serve`: runs the server until a signal. Says on stdout one line when it is ready and nothing
 * else; what the server is made of is `app.ts`'s.
 */
import type { Command } from 'commander';
import { ConfigError, readConfig } from '../config/config.ts';
import { configHelp } from '../config/reference.ts';
import { printReady } from '../lib/log.ts';
import { KEENEYE_VERSION } from '../lib/version.ts';
import { EXIT } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { terminal } from './terminal.ts';

const DESCRIPTION =
  flow(`Runs the server: the HTTP API, the workers and, unless DATABASE_URL names one, a PostgreSQL of its
own in DATA_DIR.

When it is ready it prints one line of JSON on stdout, with the address it listens on (tlsUrl, where there
is a certificate) and, at the first start, the API key that was made: it is shown this once. The log goes to stderr, a JSON object a
line.

SIGTERM and SIGINT let requests and images in hand end, for up to ten seconds; what is not done by
then is taken up at the next start. A second signal ends the server at once.`);

export function registerServe(program: Command): void {
  program
    .command('serve')
    .summary('run the server')
    .description(DESCRIPTION)
    .addHelpText('after', `\n${configHelp()}`)
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'stopped as it was told to'],
        [EXIT.failed, 'could not start; the reason is on stderr'],
      ]),
    )
    .action(serve);
}

async function serve(): Promise<void> {
  const toldToStop = stopRequest();
  try {
    const config = readConfig();
    // Only now: the other verbs must not wait for the server's parts to load.
    const { createApp } = await import('../app.ts');
    const app = createApp(config);
    const { url, tlsUrl, firstKey } = await app.start();
    printReady({
      ready: true,
      url,
      ...(tlsUrl !== null && { tlsUrl }),
      version: KEENEYE_VERSION,
      pid: process.pid,
      ...(firstKey !== null && { key: firstKey }),
    });
    await toldToStop.promise;
    await app.stop();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const fault of error.faults) terminal.complain(fault);
    process.exitCode = EXIT.failed;
  } finally {
    toldToStop.forget();
  }
}

/** A terminal and npm each pass on the same Ctrl-C; what comes within this time is taken for one signal. */
const SAME_SIGNAL_MS = 1000;

/** Resolves at the first signal; the next does what it does to any process. */
function stopRequest(): { promise: Promise<void>; forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    resolve();
    setTimeout(forget, SAME_SIGNAL_MS).unref();
  };
  const forget = () => {
    process.off('SIGTERM', stop);
    process.off('SIGINT', stop);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return { promise, forget };
}
