/**
 * What the native API understands: strings on the wire, values here. The same schemas validate requests and
 * generate the OpenAPI document.
 */
import { z } from 'zod';
import { readDecimal } from '../../lib/decimal.ts';
import {
  CMYK,
  EFFORTS,
  FIDELITIES,
  FITS,
  FORMATS,
  FRAMES,
  GATES,
  GRAVITIES,
  METADATA_POLICIES,
  TURNS,
} from './words.ts';

export const DEFAULT_WAIT_SECONDS = 30;

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** An empty string is no number: a forgotten shell variable must not turn into a default. */
function between(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  const toNumber = (value: unknown) => (typeof value === 'string' ? readDecimal(value) : value);
  return z.preprocess(toNumber, z.number({ error }).min(min, { error }).max(max, { error }));
}

function listOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  const words = (value: unknown) =>
    typeof value === 'string'
      ? value.split(',').map((word) => (word.trim() === 'jpg' ? 'jpeg' : word.trim()))
      : value;
  const item = z.enum(values, {
    error: `must list one or more of ${values.join(', ')}, separated by commas`,
  });
  return z.preprocess(words, z.array(item).min(1));
}

const wait = (defaultSeconds: number) =>
  between(0, 120)
    .default(defaultSeconds)
    .describe('Seconds to wait for the job to end before it is answered as it stands.');

const MOST_PIXELS_A_SIDE = 65_535;

function pixels(min = 1) {
  return wholeNumber('a whole number of pixels', min, MOST_PIXELS_A_SIDE);
}

function wholeNumber(what: string, min: number, max: number) {
  const error = `must be ${what} from ${min} to ${max}`;
  const toNumber = (value: unknown) =>
    typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return z.preprocess(toNumber, z.int({ error }).min(min, { error }).max(max, { error }));
}

/** Dots an inch: fewer show nothing, more are not seen. */
const dpi = wholeNumber('a whole number', 30, 2400);

/** A parameter without a value says yes, as in HTML. */
const YES_OR_NO: Record<string, boolean> = { true: true, '1': true, '': true, false: false, '0': false };

const yesOrNo = z
  .preprocess(
    (value) => (typeof value === 'string' ? (YES_OR_NO[value.toLowerCase()] ?? value) : value),
    z.boolean({ error: 'must be true or false' }),
  )
  .default(false);

const rectangle = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',') : value),
  z.tuple([pixels(0), pixels(0), pixels(), pixels()], { error: 'must be x,y,width,height in whole pixels' }),
);

const colour = z.string().regex(/^#?[0-9a-fA-F]{6}$/, { error: 'must be a colour such as ffffff' });

/** What `POST /api/v1/optimize` understands, in its query or as fields of its form. Nothing else is let pass. */
export const optimizeParameters = z.strictObject({
  fidelity: oneOf(FIDELITIES)
    .default('lossy')
    .describe('lossless keeps coefficients or pixels; glossy and lossy differ in their floor.'),
  format: listOf(['same', 'auto', ...FORMATS])
    .optional()
    .describe(
      'What to produce, one output each. same (the default) keeps the format, auto takes the smallest of those accepted.',
    ),
  accept: listOf(FORMATS)
    .optional()
    .describe('The formats that auto may choose among. Default: all, or what the Accept header lists.'),
  floor: between(50, 95)
    .optional()
    .describe(
      'Lowest SSIMULACRA 2.1 score, of the whole image and of its worst tile, that may be delivered.',
    ),
  gate: oneOf(GATES)
    .default('smaller')
    .describe('any delivers the best there is, even when it is larger than the source or below the floor.'),
  effort: oneOf(EFFORTS)
    .default('usual')
    .describe('fast saves time and thorough bytes; what ships is judged all the same.'),
  metadata: oneOf(METADATA_POLICIES)
    .default('none')
    .describe(
      'none drops what is not needed to show the image as it was, copyright keeps who made and owns it, private-stripped all but places, serial numbers and the like, all everything.',
    ),
  cmyk: oneOf(CMYK)
    .default('convert')
    .describe('keep leaves CMYK what it is where the format can hold it; convert makes RGB for screens.'),
  width: pixels().optional().describe('Resize to this width; without height in proportion.'),
  height: pixels().optional().describe('Resize to this height; without width in proportion.'),
  fit: oneOf(FITS)
    .optional()
    .describe(
      'How the image meets the box of width and height: inside it (the default) or outside around it, never enlarged; cover crops to exactly the box, fill stretches to it.',
    ),
  gravity: oneOf(GRAVITIES)
    .optional()
    .describe('What fit=cover keeps; smart looks for what catches the eye. Default: centre.'),
  crop: rectangle
    .optional()
    .describe('x,y,width,height: the part of the upright image to take, before it is resized.'),
  turn: oneOf(TURNS)
    .optional()
    .describe('Clockwise degrees, or a mirroring; a JPEG is turned losslessly with fidelity=lossless.'),
  upright: yesOrNo.describe(
    'Stores lossless results upright, too, even where that trims up to 15 pixels of the edge of a JPEG.',
  ),
  background: colour
    .optional()
    .describe(
      'rrggbb: shows through where a format knows no transparency; without it such a format is not tried.',
    ),
  imageDpi: dpi
    .optional()
    .describe(
      'Of a PDF: images that are drawn at more dots an inch become so small that they are drawn at these.',
    ),
  frames: oneOf(FRAMES).default('all').describe('first takes the first frame or page for the whole.'),
  sanitize: yesOrNo.describe('Takes scripts, event handlers and references to elsewhere out of an SVG.'),
  respond: oneOf(['json', 'image'])
    .optional()
    .describe('image delivers the smallest output itself. Default: by the Accept header.'),
  wait: wait(DEFAULT_WAIT_SECONDS),
});
export type OptimizeParameters = z.infer<typeof optimizeParameters>;

export const jobParameters = z.strictObject({ wait: wait(0) });
export const heatmapParameters = z.strictObject({
  output: z
    .preprocess(
      (value) => (typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value),
      z.int({ error: 'must be a whole number, 0 for the first output' }).min(0),
    )
    .default(0)
    .describe("Which of the job's outputs to show, counted from 0."),
});
export const noParameters = z.strictObject({});
