/** What each reason means, in words for the reference; a decline's own detail is more precise. */
import type { Reason } from './contract.ts';

export const REASON_MEANINGS: Record<Reason, string> = {
  'no-gain': 'No result is smaller than the source.',
  'below-floor': 'No result that is smaller than the source looks enough like it.',
  'already-optimal': 'The source is as small as this engine makes it.',
  'would-lose-hdr': 'The source has a gain map or high dynamic range, which no result would keep.',
  'would-lose-animation': 'The source has several frames, and a result would show one.',
  unsupported: 'The file is not an image, or not of a kind that is read.',
  'too-large': 'The image is beyond the limits on pixels, sides, frames or the size of its colour profile.',
  corrupt: 'The image is damaged or cut short.',
};
