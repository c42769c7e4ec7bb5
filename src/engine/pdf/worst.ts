/** Sums a document up by its images, and says on which page each of them is. */
import type { PlacedImage } from '../../lib/report.ts';
import type { Judgement, Visibility } from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { flawless } from '../metric/score.ts';
import { invisible } from '../visibility.ts';
import type { PdfDocument } from './document.ts';
import { leadsTo, walkPages } from './pages.ts';

/** A page without a changed image counts as an image of at most this side. */
const FLAWLESS_SIDE = 1024;

export type Verdict = Judgement & { visibility: Visibility };

/** What the judge said of an image that changed. */
export interface ImageVerdict extends Verdict {
  image: PlacedImage;
}

/**
 * A document is as good as the worst of its images; without one that changed, it is what it was.
 * @param images in the order of `changedImages`: of images that are as good as each other the first counts.
 * @param size of the first page.
 */
export function worstOf(images: ImageVerdict[], size: { width: number; height: number }): Verdict {
  const [worst] = images.toSorted((a, b) => gatedScore(a) - gatedScore(b));
  if (!worst) {
    const sides = [Math.min(size.width, FLAWLESS_SIDE), Math.min(size.height, FLAWLESS_SIDE)] as const;
    return { ...flawless(...sides), visibility: invisible(...sides) };
  }
  const [plainest] = images.toSorted((a, b) => b.visibility.jnd - a.visibility.jnd);
  const { score, worstTile, image } = worst;
  return { score, worstTile: { ...worstTile, image }, visibility: plainest!.visibility };
}

/** By object number, the first page whose resources or annotations lead to it, counted from 1. */
export function firstPages(document: PdfDocument): Map<number, number> {
  const pages = new Map<number, number>();
  const seen = new Set<number>();
  let page = 0;
  for (const { dictionary, resources } of walkPages(document)) {
    page++;
    const annotations = document.resolve(dictionary.get('Annots'));
    for (const number of leadsTo([resources ?? [], annotations], document, seen)) pages.set(number, page);
  }
  return pages;
}
