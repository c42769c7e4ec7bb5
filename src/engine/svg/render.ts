/** Renders drawings at any size, from their safe copy alone: the renderer is given no file name, no network and no script. */
import { openDrawing } from '../codecs/sharp.ts';
import { Decline, type Pixels } from '../contract.ts';
import type { Drawing } from './drawing.ts';
import type { Size } from './size.ts';
import { type Attribute, attributeOf, type Element, SVG_NAMESPACE, XLINK_NAMESPACE } from './tree.ts';
import { writeSvg } from './write.ts';

/** Pixels times layers that are drawn at most. */
const MOST_WORK = 4e9;

/** The most pixels at which a drawing is worth rendering. */
export function affordablePixels({ cost }: Drawing): number {
  return Math.floor(MOST_WORK / (cost.layers + 1));
}

/**
 * @param size in whole pixels.
 * @returns 4 channels, straight alpha.
 * @throws Decline `corrupt` when the renderer stumbles, `too-large` when it would take too long.
 */
export async function render(drawing: Drawing, { width, height }: Size): Promise<Pixels> {
  if (width * height > affordablePixels(drawing))
    throw new Decline('too-large', `The SVG has too many layers to be drawn at ${width} x ${height} pixels.`);
  const svg = Buffer.from(writeSvg(sizedTo(drawing, { width, height })));
  const image = openDrawing(svg, width * height)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true }).catch((error: Error) => {
    throw new Decline('corrupt', `The SVG cannot be drawn: ${error.message.trim().split('\n')[0]}`);
  });
  if (info.width !== width || info.height !== height)
    throw new Error(`drawn at ${info.width} x ${info.height} instead of ${width} x ${height}`);
  return { data, width, height, channels: 4 };
}

/** The root as if what is around it had this size, whatever style sheets say. */
function sizedTo({ safe, viewport }: Drawing, { width, height }: Size): Element {
  const { viewBox, width: across, height: down } = viewport;
  const kept = safe.attributes.filter(({ name }) => !['width', 'height', 'style', 'viewBox'].includes(name));
  // libvips takes a pixel for 1/72 inch; at 96 dpi, where points and inches have their sizes in CSS, it draws 4/3 as many.
  const sides = `width:${(width * 3) / 4}px!important;height:${(height * 3) / 4}px!important`;
  const forced = {
    xmlns: SVG_NAMESPACE,
    'xmlns:xlink': XLINK_NAMESPACE,
    viewBox: (viewBox ?? [0, 0, across, down]).join(' '),
    style: `${attributeOf(safe, 'style') ?? ''};${sides}`,
    ...(viewBox ? {} : { preserveAspectRatio: 'none' }),
  };
  const attributes = Object.entries(forced).map(
    ([name, value]): Attribute => ({ name, local: name, namespace: '', value }),
  );
  return { ...safe, attributes: [...kept.filter(({ name }) => !Object.hasOwn(forced, name)), ...attributes] };
}
