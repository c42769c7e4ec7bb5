/**
 * A server under a load of every protocol whose engine processes, whose own process and whose database are killed again
 * and again, at any instant, and what of the work that it had acknowledged was lost. `--rounds` a victim, `--markdown`;
 * for Linux.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flag } from './corpus.ts';
import { audit, liftRateLimits } from './crash/audit.ts';
import { followToEnd, type Load, startLoad } from './crash/load.ts';
import { PROTOCOLS, type Receipt } from './crash/protocols.ts';
import { type MortalServer, startMortal, VICTIMS, type Victim } from './crash/server.ts';
import { printMarkdown, printTable, quantile } from './table.ts';

const ROUNDS = 20;
/** Between one kill and the next, at most. */
const LONGEST_LIFE_MS = 2000;
/** Columns that must be 0. */
const HARM = [
  'failed',
  'lost',
  'callbacks lost',
  'stuck',
  'charged wrong',
  'credits held',
  'orphan files',
] as const;

export async function run(args: string[]): Promise<void> {
  const rounds = Number(flag(args, '--rounds') ?? ROUNDS);
  const rows = [];
  for (const victim of VICTIMS) {
    const row = await measure(victim, rounds);
    rows.push(row);
    console.error(JSON.stringify(row));
  }
  const print = args.includes('--markdown') ? printMarkdown : printTable;
  print(
    Object.keys(rows[0]!),
    rows.map((row) => Object.values(row)),
  );
  if (rows.some((row) => HARM.some((column) => row[column] > 0))) process.exitCode = 1;
}

async function measure(victim: Victim, rounds: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-crash-'));
  let server: MortalServer | undefined;
  const load = await startLoad(async (siteUrl) => {
    server = await startMortal(dataDir, { ALLOW_PRIVATE_SOURCES: new URL(siteUrl).host });
    await liftRateLimits(dataDir);
    return server;
  });
  try {
    const recoveries = await killAgainAndAgain(server!, load, victim, rounds);
    await load.stop();
    const ends = await followToEnd(load);
    await server!.stop();
    return {
      killed: victim,
      rounds,
      ...countByProtocol(load.acknowledged),
      ...ends,
      ...(await audit(dataDir)),
      'recovery s, median': (quantile(recoveries, 0.5) / 1000).toFixed(2),
      longest: (Math.max(...recoveries) / 1000).toFixed(2),
    };
  } finally {
    load.site.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function countByProtocol(receipts: Receipt[]): Record<string, number> {
  const countOf = (name: string) => receipts.filter(({ protocol }) => protocol === name).length;
  const counts = PROTOCOLS.map((name) => [name, countOf(name)]);
  return Object.fromEntries([['acknowledged', receipts.length], ...counts]);
}

/** @returns milliseconds from each kill to the next acknowledgement. */
async function killAgainAndAgain(
  server: MortalServer,
  load: Load,
  victim: Victim,
  rounds: number,
): Promise<number[]> {
  const recoveries: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await sleep(Math.random() * LONGEST_LIFE_MS);
    const killedAt = await server.kill(victim);
    recoveries.push((await load.firstAcknowledged(killedAt)) - killedAt);
  }
  return recoveries;
}
