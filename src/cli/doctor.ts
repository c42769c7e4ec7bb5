/**
 * `keeneye doctor`: looks at everything that the server needs before it is needed, and says what to do
 * about what is missing. Changes nothing, unless it is asked for a certificate. The checks themselves are in `doctor/`.
 */
import type { Command } from 'commander';
import type { Check } from './doctor/check.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { exitCodesHelp, flow } from './help-text.ts';
import { terminal } from './terminal.ts';

const DESCRIPTION =
  flow(`Checks Node, codecs, memory allocator, database, disk and limits under the configuration that
the server would use, and says what to do about what it finds. Changes nothing.

With --make-cert it checks nothing and makes a self-signed certificate instead, in the folder tls of DATA_DIR, for
this machine and for the hosts that are named, and prints the variables that have the server use it.`);

interface Options {
  json?: true;
  makeCert?: true | string[];
  force?: true;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('check whether the server can run well here')
    .description(DESCRIPTION)
    .option('--json', 'print one line of JSON')
    .option('--make-cert [hosts...]', 'make a certificate for these names and addresses')
    .option('--force', 'replace a certificate that was made before')
    .addHelpText(
      'after',
      exitCodesHelp([
        [EXIT.ok, 'nothing is in the way, though there may be warnings'],
        [EXIT.failed, 'at least one check failed, or the certificate could not be made'],
      ]),
    )
    .action(run);
}

async function run({ json, makeCert, force }: Options): Promise<void> {
  if (makeCert === undefined && force) throw new UsageError('--force goes with --make-cert.');
  if (makeCert === undefined) return report(await examine(), json === true);
  await reportCertificate(makeCert === true ? [] : makeCert, force === true, json === true);
}

async function reportCertificate(hosts: string[], replace: boolean, json: boolean): Promise<void> {
  const [{ readDataFolder }, { makeCertificate }] = await Promise.all([
    import('../config/config.ts'),
    import('./doctor/make-certificate.ts'),
  ]);
  const made = await makeCertificate(readDataFolder(), hosts, replace);
  const variables = { TLS_CERT: made.certPath, TLS_KEY: made.keyPath };
  if (json) return terminal.print(JSON.stringify({ ...variables, hosts: made.hosts, end: made.end }));
  for (const [name, path] of Object.entries(variables)) terminal.print(`${name}=${path}`);
}

async function examine(): Promise<Check[]> {
  const [{ checkAllocator, checkNode, checkOpenFiles }, { checkEngine }] = await Promise.all([
    import('./doctor/machine.ts'),
    import('./doctor/engine.ts'),
  ]);
  const engine = await checkEngine();
  return [checkNode(), engine, checkAllocator(), checkOpenFiles(), ...(await examineConfiguration())];
}

async function examineConfiguration(): Promise<Check[]> {
  const [{ ConfigError, readConfig }, { fail, ok }, { checkDatabase }, { checkDisk }, { checkCertificate }] =
    await Promise.all([
      import('../config/config.ts'),
      import('./doctor/check.ts'),
      import('./doctor/database.ts'),
      import('./doctor/machine.ts'),
      import('./doctor/certificate.ts'),
    ]);
  try {
    const { dataDir, blobFolder, databaseUrl, certificateFiles } = readConfig();
    const checks = [ok('configuration', 'valid'), await checkDatabase(databaseUrl)];
    checks.push(await checkDisk('data folder', dataDir));
    if (!blobFolder.startsWith(dataDir)) checks.push(await checkDisk('blob folder', blobFolder));
    if (certificateFiles) checks.push(await checkCertificate(certificateFiles));
    return checks;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fail('configuration', fault, 'See keeneye serve --help.'));
  }
}

function report(checks: Check[], json: boolean): void {
  const failed = checks.some(({ status }) => status === 'fail');
  if (json) terminal.print(JSON.stringify({ ok: !failed, checks }));
  else for (const line of checks.flatMap(wordCheck)) terminal.print(line);
  if (failed) process.exitCode = EXIT.failed;
}

function wordCheck({ name, status, detail, advice }: Check): string[] {
  const indent = ' '.repeat(21);
  const [first, ...more] = detail.split('\n');
  const lines = [`${status.padEnd(4)}  ${name.padEnd(13)}  ${first}`, ...more.map((line) => indent + line)];
  return advice ? [...lines, `${indent}${advice}`] : lines;
}
