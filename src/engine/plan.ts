/** Decides which formats compete for each output that was asked for; makes nothing itself. */
import { CODECS } from './codecs/codecs.ts';
import { OUTPUT_FORMATS, type OutputFormat, type Target } from './contract.ts';
import type { Subject } from './subject.ts';

/** The order of trying: a small result found early lets the others give up early. */
const SMALLEST_FIRST: OutputFormat[] = ['avif', 'webp', 'jpeg', 'png'];

/** For each target the formats that compete for it, in the order of trying; none where it can never hold this image. */
export function plan(subject: Subject): OutputFormat[][] {
  return subject.options.targets.map((target) => {
    const formats = candidates(target, subject).filter((format) => canHold(format, subject));
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
