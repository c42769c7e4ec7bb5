/** Random numbers that are the same for the same seed on every machine. */

export interface Random {
  /** 0 inclusive to 1 exclusive. */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
}

/** A generator of the xorshift family (Marsaglia 2003), its seed scrambled so that near seeds differ. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 8; round++) next();
  return { next, below: (below) => Math.floor(next() * below) };
}
