/** Turns by quarters and mirrorings as one thing that can be composed: the eight ways to lay an image down. */
import type { Turn } from '../contract.ts';

/** Rows become columns first, where they do; then left and right, top and bottom are swapped. */
export interface Turning {
  transposes: boolean;
  mirrorsX: boolean;
  mirrorsY: boolean;
}

const AS_IT_IS: Turning = { transposes: false, mirrorsX: false, mirrorsY: false };

const TURNINGS: Record<Turn, Turning> = {
  '90': { transposes: true, mirrorsX: true, mirrorsY: false },
  '180': { transposes: false, mirrorsX: true, mirrorsY: true },
  '270': { transposes: true, mirrorsX: false, mirrorsY: true },
  flop: { transposes: false, mirrorsX: true, mirrorsY: false },
  flip: { transposes: false, mirrorsX: false, mirrorsY: true },
  transpose: { transposes: true, mirrorsX: false, mirrorsY: false },
  transverse: { transposes: true, mirrorsX: true, mirrorsY: true },
};

/** What undoes EXIF orientations 1 to 8 (EXIF 2.32, tag 274). */
const UPRIGHT: (Turn | null)[] = [null, 'flop', '180', 'flip', 'transpose', '90', 'transverse', '270'];

/** What brings a stored image upright, and then turns it. */
export function turningOf(orientation: number, turn?: Turn): Turning {
  const upright = UPRIGHT[orientation - 1];
  const first = upright ? TURNINGS[upright] : AS_IT_IS;
  return turn ? followedBy(first, TURNINGS[turn]) : first;
}

function followedBy(first: Turning, then: Turning): Turning {
  const [x, y] = then.transposes ? [first.mirrorsY, first.mirrorsX] : [first.mirrorsX, first.mirrorsY];
  return {
    transposes: first.transposes !== then.transposes,
    mirrorsX: x !== then.mirrorsX,
    mirrorsY: y !== then.mirrorsY,
  };
}
