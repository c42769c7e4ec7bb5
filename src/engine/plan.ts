/** Decides which formats compete for each output that was asked for; makes nothing itself. */
import { CODECS } from './codecs/codecs.ts';
import { Decline, OUTPUT_FORMATS, type OutputFormat, type Target } from './contract.ts';
import type { Subject } from './subject.ts';

/** The order of trying: a small result found early lets the others give up early. */
const SMALLEST_FIRST: OutputFormat[] = ['avif', 'webp', 'jpeg', 'png'];

/**
 * For each target the formats that compete for it, in the order of trying.
 * @throws Decline `unsupported` when a target can never hold this image.
 */
export function plan(subject: Subject): OutputFormat[][] {
  const { targets, accept } = subject.options;
  return targets.map((target) => {
    const formats = candidates(target, subject).filter((format) => canHold(format, subject));
    if (formats.length === 0) {
      throw new Decline(
        'unsupported',
        `This image, by its transparency or its size, cannot become ${describe(target, accept)}.`,
      );
    }
    return SMALLEST_FIRST.filter((format) => formats.includes(format));
  });
}

function candidates(target: Target, { source, options }: Subject): OutputFormat[] {
  if (target === 'auto') return options.accept;
  if (target !== 'same') return [target];
  const own = OUTPUT_FORMATS.find((format) => format === source.facts.format);
  return own ? [own] : options.accept;
}

function canHold(format: OutputFormat, { pixels }: Subject): boolean {
  const { alpha, maxSide } = CODECS[format];
  return (alpha || pixels.channels === 3) && Math.max(pixels.width, pixels.height) <= maxSide;
}

function describe(target: Target, accept: OutputFormat[]): string {
  return target === 'auto' || target === 'same' ? accept.join(' or ') : target;
}
