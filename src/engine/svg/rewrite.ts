/**
 * The smallest writing of a drawing that looks the same: repacked, then by svgo from careful to coarse, each candidate read again,
 * rendered and judged as the bytes that it is.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { KEENEYE_VERSION } from '../../lib/version.ts';
import {
  Decline,
  type Judgement,
  type Limits,
  type OptimizeOptions,
  type Output,
  type Visibility,
} from '../contract.ts';
import { budgetFor, gatedScore, mostJnd } from '../gate.ts';
import type { Source } from '../inspect.ts';
import { type Drawing, readDrawing } from './drawing.ts';
import { createDrawingJudge, type DrawingJudge, fitsInstead } from './judge.ts';
import { repack, repackProlog } from './repack.ts';
import { sanitize } from './sanitize.ts';
import { LONGEST, nameOf, type Recipe, shrink } from './shrink.ts';
import { attributeOf, type Element, elementsOf, type Node } from './tree.ts';
import { unseenIn } from './unseen.ts';
import { writeSvg } from './write.ts';

interface Rewriting extends Judgement {
  data: Uint8Array;
  encoder: string;
  /** Decimals; null where nothing was rounded. */
  quality: number | null;
  visibility: Visibility;
}

interface Task {
  source: Source & { drawing: Drawing };
  options: OptimizeOptions;
  judge: DrawingJudge;
  signal?: AbortSignal;
  best: Rewriting | null;
  /** Whether something was smaller, and did not pass. */
  failed: boolean;
}

/** Coordinates are rounded to so many decimals first, then to fewer or more. */
const FIRST_DECIMALS = 2;
const MOST_DECIMALS = 4;

/** @throws Decline; the signal's reason. */
export async function rewrite(
  source: Source & { drawing: Drawing },
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Output> {
  checkTransforms(options);
  const { root, prolog } = options.sanitize ? sanitized(source.drawing) : source.drawing;
  const judge = await createDrawingJudge(source.drawing);
  try {
    const task: Task = { source, options, judge, signal, best: null, failed: false };
    await tryAll(task, root, prolog);
    return toOutput(task, root !== source.drawing.root);
  } finally {
    judge.release();
  }
}

/** A size to fit is none that a drawing lacks: it is sharp at any. */
function checkTransforms({ crop, turn, resize }: OptimizeOptions): void {
  if (crop || turn || resize?.fit === 'cover')
    throw new Decline('unsupported', 'Drawings are not cropped or turned; formats made of pixels are.');
}

function sanitized({ root }: Drawing): { root: Element; prolog: Node[] } {
  return { root: sanitize(root), prolog: [] };
}

async function tryAll(task: Task, root: Element, prolog: Node[]): Promise<void> {
  const { options } = task;
  const unseen = unseenIn(root, prolog);
  // A script may count on every character.
  const packed = unseen.runs ? root : repack(root, options.metadata);
  const svg = writeSvg(packed, unseen.runs ? prolog : repackProlog(prolog, options.metadata));
  await consider(task, svg, `keeneye ${KEENEYE_VERSION} (repacked)`, null);
  if (unseen.runs || unseen.moves || unseen.foreign || unseen.shared || svg.length > LONGEST) return;
  const changes = unseen.styled ? 'numbers' : 'all';
  const keptIds = idsToKeep(packed);
  const attempt = (recipe: Recipe) => {
    task.signal?.throwIfAborted();
    const shrunk = shrink(svg, recipe, keptIds);
    return shrunk === null ? Promise.resolve(false) : consider(task, shrunk, nameOf(recipe), recipe.decimals);
  };
  if (changes === 'all') await attempt({ changes, decimals: null });
  const first = options.fidelity === 'lossless' ? MOST_DECIMALS : FIRST_DECIMALS;
  await searchDecimals(first, (decimals) => attempt({ changes, decimals }));
}

/** Fewer decimals while they pass, else more until they do. */
async function searchDecimals(first: number, passes: (decimals: number) => Promise<boolean>): Promise<void> {
  let decimals = first;
  const step = (await passes(decimals)) ? -1 : 1;
  for (decimals += step; decimals >= 0 && decimals <= MOST_DECIMALS; decimals += step) {
    // On the way down the first that fails ends it, on the way up the first that passes.
    if ((await passes(decimals)) === step > 0) return;
  }
}

/** Names that programs count up, and nobody outside can mean. */
const COUNTED =
  /^(XMLID_|SVGID_|_x[\dA-F]{2}_|[a-z]{1,4}|path|rect|circle|ellipse|line|polygon|polyline|text|tspan|use|image|defs|svg|layer|clipPath|mask|filter|pattern|stop|metadata|namedview|base|surface|[a-zA-Z]*Gradient|fe[A-Z]\w*?|perspective|guide|grid|flow\w+|patch_|text_|line2d_|axes_|figure_|xtick_|ytick_|PathCollection_)[-_]?\d+([-_]\d+)*_?$/;

function idsToKeep(root: Element): string[] {
  const ids = [...elementsOf(root)]
    .map((element) => attributeOf(element, 'id'))
    .filter((id) => id !== undefined);
  return ids.filter((id) => !COUNTED.test(id));
}

/** Judges a candidate and keeps it if it is the best so far. @returns whether it may ship, as far as its looks go. */
async function consider(task: Task, svg: string, encoder: string, decimals: number | null): Promise<boolean> {
  const { source, options } = task;
  const data = source.drawing.isPacked ? gzipSync(svg, { level: 9 }) : Buffer.from(svg);
  if (task.best && data.length >= task.best.data.length) return gatedScore(task.best) >= options.floor;
  const candidate = readAgain(data, options.limits);
  if (!candidate || !fitsInstead(candidate, source.drawing)) return false;
  const rewriting = await look(task, candidate, { data, encoder, quality: decimals });
  if (rewriting) task.best = rewriting;
  else task.failed ||= data.length < budgetOf(task);
  return rewriting !== null;
}

function readAgain(data: Uint8Array, limits: Limits): Drawing | null {
  try {
    return readDrawing(data, limits);
  } catch (error) {
    if (error instanceof Decline) return null;
    throw error;
  }
}

/** Null where it looks too different. */
async function look(
  { options, judge }: Task,
  candidate: Drawing,
  written: Pick<Rewriting, 'data' | 'encoder' | 'quality'>,
): Promise<Rewriting | null> {
  const isSame = await judge.sees(candidate);
  if (!isSame && options.fidelity === 'lossless') return null;
  const judgement = await judge.judge(candidate, written.data);
  if (isSame) return { ...written, quality: null, ...judgement };
  const passes = gatedScore(judgement) >= options.floor && judgement.visibility.jnd <= mostJnd(options.floor);
  return passes ? { ...written, ...judgement } : null;
}

function budgetOf({ source, options }: Pick<Task, 'source' | 'options'>): number {
  return budgetFor(source.facts.bytes, options);
}

/** @param isCleaned what was asked to be taken out is a gain by itself. */
function toOutput(task: Task, isCleaned: boolean): Output {
  const { best, failed, source, judge, options } = task;
  const budget = isCleaned ? source.facts.bytes : budgetOf(task);
  if (!best || (options.gate !== 'any' && best.data.length >= budget)) {
    if (failed && options.fidelity !== 'lossless')
      throw new Decline(
        'below-floor',
        `No writing of the drawing that is smaller reaches the floor of ${options.floor}.`,
      );
    throw new Decline('already-optimal', 'The drawing is already as small as it gets.');
  }
  const sha256 = createHash('sha256').update(best.data).digest('hex');
  const { width, height } = source.facts;
  return { format: 'svg', width, height, frames: 1, sha256, evaluations: judge.evaluations(), ...best };
}
