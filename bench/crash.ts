/**
 * A server under load whose engine processes, whose own process and whose database are killed again and again, at any
 * instant, and what of the work that it had acknowledged was lost. `--rounds` a victim; for Linux.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flag } from './corpus.ts';
import { audit } from './crash/audit.ts';
import { type Load, startLoad } from './crash/load.ts';
import { type MortalServer, startMortal, VICTIMS, type Victim } from './crash/server.ts';
import { printTable, quantile } from './table.ts';

const ROUNDS = 20;
/** Between one kill and the next, at most. */
const LONGEST_LIFE_MS = 2000;
const SETTLING_MS = 600_000;

export async function run(args: string[]): Promise<void> {
  const rounds = Number(flag(args, '--rounds') ?? ROUNDS);
  const rows = [];
  for (const victim of VICTIMS) {
    const row = await measure(victim, rounds);
    rows.push(row);
    console.log(`${victim}: ${row.acknowledged} acknowledged, ${row.finished} finished`);
  }
  const heads = Object.keys(rows[0]!);
  printTable(
    heads,
    rows.map((row) => Object.values(row)),
  );
  const harmless = rows.every(
    (row) => row.lost + row['charged twice'] + row['credits held'] + row['orphan files'] === 0,
  );
  if (!harmless) process.exitCode = 1;
}

async function measure(victim: Victim, rounds: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-crash-'));
  try {
    const server = await startMortal(dataDir, {});
    const load = await startLoad(server.url, server.key);
    const recoveries = await killAgainAndAgain(server, load, victim, rounds);
    await load.stop();
    await untilEnded(server, load.acknowledged);
    await server.stop();
    const found = await audit(dataDir, load.acknowledged);
    return {
      killed: victim,
      rounds,
      acknowledged: load.acknowledged.size,
      finished: found.finished,
      failed: found.failed,
      lost: found.lost,
      'charged twice': found.duplicatedCharges,
      'credits held': found.heldCredits,
      'orphan files': found.orphans,
      'recovery s, median': (quantile(recoveries, 0.5) / 1000).toFixed(2),
      longest: (Math.max(...recoveries) / 1000).toFixed(2),
    };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
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

/** Asks for each job until it has ended; what is not there is for the audit to count. */
async function untilEnded({ url, key }: MortalServer, ids: Set<string>): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const deadline = performance.now() + SETTLING_MS;
  for (const id of ids)
    while (performance.now() < deadline) {
      const response = await fetch(`${url}/api/v1/jobs/${id}?wait=30`, { headers });
      if (response.status === 404) break;
      const { status } = (await response.json()) as { status: string };
      if (status !== 'queued' && status !== 'running') break;
    }
}
