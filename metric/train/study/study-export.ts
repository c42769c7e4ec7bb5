/** Reads what `keeneye study export` prints: checks every member that training relies on, and says what is wrong. */
import { z } from 'zod';
import { EXPORT_TYPE, type StudyExport } from '../../../src/studies/export.ts';

const whole = z.int().min(0);
const part = z.int().min(0).max(8);

const measured = z.looseObject({
  format: z.enum(['jpeg', 'png', 'webp', 'avif']),
  score: z.number().max(100),
  visibility: z.looseObject({ iwssim: z.number().max(1).nullable(), jnd: z.number().min(0) }),
  parts: z.array(z.number()).length(9),
});

const schema = z.looseObject({
  type: z.literal(EXPORT_TYPE),
  // It ends up in a module and in a report.
  study: z.string().regex(/^[\w -]{1,64}$/),
  images: z.array(z.looseObject({ image: whole, sha256: z.string().min(1) })),
  pairs: z.array(
    z.looseObject({
      pair: whole,
      image: whole,
      kind: z.enum(['candidate', 'identical', 'damaged']),
      measured: measured.nullable(),
      damagedPart: part.nullable(),
    }),
  ),
  viewers: z.array(z.looseObject({ viewer: whole })),
  answers: z.array(
    z.looseObject({
      viewer: whole,
      pair: whole,
      answer: z.enum(['same', 'different']),
      part: part.nullable(),
      tookMs: z.number(),
    }),
  ),
});

/** @throws Error that names the first member at fault. */
export function parseStudy(text: string): StudyExport {
  const parsed = schema.safeParse(readJson(text));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new Error(`This is no export of a study: ${path.join('.') || 'the whole'}: ${message}.`);
  }
  const study = parsed.data as unknown as StudyExport;
  const missing = brokenReference(study);
  if (missing !== null) throw new Error(`The export of study ${study.study} is not whole: ${missing}.`);
  return study;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('This is no export of a study: it is not JSON.', { cause });
  }
}

/** Something that is referred to and not there, or there and without what it needs. */
function brokenReference({ images, pairs, answers }: StudyExport): string | null {
  const knownImages = new Set(images.map(({ image }) => image));
  const knownPairs = new Set(pairs.map(({ pair }) => pair));
  const pair = pairs.find(
    (each) =>
      !knownImages.has(each.image) ||
      (each.kind === 'candidate' && !each.measured) ||
      (each.kind === 'damaged' && each.damagedPart === null),
  );
  if (pair) return `pair ${pair.pair} lacks its image or what was measured`;
  const answer = answers.find((each) => !knownPairs.has(each.pair));
  return answer ? `an answer speaks of pair ${answer.pair}` : null;
}
