/** A table like that of JPEG AIC-4, made of nothing but a seed, for tests. */
import { createRandom } from './random.ts';

/** People who see what IW-SSIM says, roughly, and a SSIMULACRA 2 that says the same less well. */
export function madeUpTable(): string {
  const random = createRandom(5);
  const lines = ['img_num,codec,dlevel,distortion,IW-SSIM,SSIMULACRA2'];
  for (const source of [2, 6, 7, 9]) {
    for (const codec of [1, 2]) {
      for (let level = 1; level <= 6; level++) {
        const missing = 0.0004 * 2 ** level * (1 + 0.2 * random.next());
        const jnd = 1.2 * Math.log1p(missing / 0.005) * (1 + 0.1 * random.next());
        const score = 98 - 9 * jnd - 4 * random.next();
        lines.push([source, codec, level, jnd, 1 - missing, score].join(','));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
