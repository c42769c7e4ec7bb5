/**
 * Whose turn it is: start-time fair queueing (Goyal, Vin, Cheng 1996) with keys for flows and every job of the same
 * weight. A key's jobs get consecutive turns, none earlier than the turn that work has reached, so a key with one
 * job is served among the next few however many jobs of another key were there first.
 */
import type { Queryable } from '../store/database.ts';

/** Gives each job a turn, in order. @returns the turns, in the order of `keyIds`, which names the key of each job. */
export async function assignTurns(tx: Queryable, keyIds: string[]): Promise<number[]> {
  const counts = new Map<string, number>();
  for (const keyId of keyIds) counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
  const { rows } = await tx.query<{ keyId: string; last: string }>(
    // In one order everywhere, so that two transactions that serve the same keys cannot deadlock.
    `INSERT INTO key_turns (key_id, last)
     SELECT k.id, r.turn + k.count FROM turn_reached r, unnest($1::uuid[], $2::int[]) AS k (id, count) ORDER BY k.id
     ON CONFLICT (key_id) DO UPDATE
       SET last = greatest(key_turns.last, (SELECT turn FROM turn_reached)) + excluded.last - (SELECT turn FROM turn_reached)
     RETURNING key_id AS "keyId", last`,
    [[...counts.keys()], [...counts.values()]],
  );
  const next = new Map(rows.map(({ keyId, last }) => [keyId, Number(last) - counts.get(keyId)! + 1]));
  return keyIds.map((keyId) => {
    const turn = next.get(keyId)!;
    next.set(keyId, turn + 1);
    return turn;
  });
}

/** Remembers the latest turn that work was begun of. */
export async function reachTurn(tx: Queryable, turn: number): Promise<void> {
  await tx.query('UPDATE turn_reached SET turn = $1 WHERE turn < $1', [turn]);
}
