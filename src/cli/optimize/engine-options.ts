/** What `keeneye optimize` lets one ask of the engine: the options, and what they mean together. */
import { InvalidArgumentError, Option } from 'commander';
import {
  DEFAULT_OPTIONS,
  EFFORTS,
  type EffortLevel,
  FIDELITIES,
  FITS,
  type Fidelity,
  type Fit,
  FLOOR_RANGE,
  GLOSSY_FLOOR,
  GRAVITIES,
  type Gravity,
  METADATA_POLICIES,
  type MetadataPolicy,
  type OptimizeOptions,
  PIXEL_FORMATS,
  type PixelFormat,
  type Rectangle,
  type Resize,
  TARGETS,
  type Target,
  TURNS,
  type Turn,
} from '../../engine/contract.ts';
import { UsageError } from '../exit-codes.ts';
import { listOf, numberFrom, wholeNumberFrom } from '../options.ts';

export interface EngineFlags {
  fidelity: Fidelity;
  format?: Target[];
  accept?: PixelFormat[];
  floor?: number;
  effort: EffortLevel;
  metadata: MetadataPolicy;
  cmyk: OptimizeOptions['cmyk'];
  crop?: Rectangle;
  width?: number;
  height?: number;
  fit?: Fit;
  gravity?: Gravity;
  turn?: Turn;
  upright?: true;
  background?: string;
  frames: 'all' | 'first';
  sanitize?: true;
  imageDpi?: number;
}

/** No image has a longer side. */
const MOST_PIXELS_A_SIDE = 65_535;

export function engineOptions(): Option[] {
  const transforms = transformOptions().map((option) => option.helpGroup('Changes to the image:'));
  return [...resultOptions(), ...transforms];
}

function resultOptions(): Option[] {
  const { min, max } = FLOOR_RANGE;
  return [
    new Option('--fidelity <level>', 'lossless keeps every pixel, glossy is for close inspection')
      .choices(FIDELITIES)
      .default(DEFAULT_OPTIONS.fidelity),
    new Option(
      '--format <list>',
      `comma-separated, each makes one output: ${TARGETS.join(', ')} (default: same)`,
    ).argParser(listOf(TARGETS)),
    new Option(
      '--accept <list>',
      `what auto may choose among: ${PIXEL_FORMATS.join(', ')} (default: all)`,
    ).argParser(listOf(PIXEL_FORMATS)),
    new Option(
      '--floor <score>',
      `lowest SSIMULACRA 2.1 score of a result, ${min} to ${max} (default: ${DEFAULT_OPTIONS.floor}, or ${GLOSSY_FLOOR} when glossy)`,
    ).argParser(numberFrom(min, max)),
    new Option('--effort <level>', 'fast saves time, thorough saves bytes')
      .choices(EFFORTS)
      .default(DEFAULT_OPTIONS.effort),
    new Option(
      '--metadata <policy>',
      'none keeps what is needed to show the image, copyright who owns it, private-stripped all but places and serial numbers, all everything',
    )
      .choices(METADATA_POLICIES)
      .default(DEFAULT_OPTIONS.metadata),
    new Option('--cmyk <policy>', 'keep leaves CMYK as it is where the format can hold it')
      .choices(['convert', 'keep'])
      .default(DEFAULT_OPTIONS.cmyk),
  ];
}

/** Fewer dots an inch show nothing, more are not seen. */
const [LEAST_DPI, MOST_DPI] = [30, 2400];

function transformOptions(): Option[] {
  const side = wholeNumberFrom(1, MOST_PIXELS_A_SIDE);
  return [
    new Option('--crop <x,y,w,h>', 'take this part of the upright image').argParser(readCrop),
    new Option('--width <pixels>', 'resize; without --height in proportion').argParser(side),
    new Option('--height <pixels>', 'resize; without --width in proportion').argParser(side),
    new Option(
      '--fit <fit>',
      'how to meet that box: inside and outside never enlarge, cover crops, fill stretches (default: inside)',
    ).choices(FITS),
    new Option('--gravity <where>', 'what --fit cover keeps (default: centre)').choices(GRAVITIES),
    new Option('--turn <turn>', 'clockwise degrees, or a mirroring').choices(TURNS),
    new Option('--upright', 'store lossless results upright, too; trims a JPEG by up to 15 pixels'),
    new Option('--background <colour>', 'rrggbb behind transparency where a format knows none').argParser(
      readColour,
    ),
    new Option(
      '--image-dpi <dpi>',
      'make images of a PDF smaller that are drawn at more dots an inch',
    ).argParser(wholeNumberFrom(LEAST_DPI, MOST_DPI)),
    new Option('--frames <which>', 'first takes the first frame or page for the whole')
      .choices(['all', 'first'])
      .default('all'),
    new Option('--sanitize', 'take scripts and references to elsewhere out of SVG'),
  ];
}

function readCrop(text: string): Rectangle {
  if (!/^\d{1,5}(,\d{1,5}){3}$/.test(text))
    throw new InvalidArgumentError('It must be x,y,width,height in pixels.');
  const [x, y, width, height] = text.split(',').map(Number);
  return { x: x!, y: y!, width: width!, height: height! };
}

function readColour(text: string): string {
  if (!/^#?[0-9a-f]{6}$/i.test(text)) throw new InvalidArgumentError('It must be a colour such as ffffff.');
  return `#${text.replace('#', '').toLowerCase()}`;
}

/** @throws UsageError when options lack those that they go with. */
export function readOptions(flags: EngineFlags): OptimizeOptions {
  const { fidelity, format, accept, floor, effort, metadata, cmyk, crop, turn, background, frames } = flags;
  const targets: Target[] = format ?? (accept ? ['auto'] : DEFAULT_OPTIONS.targets);
  if (accept && !targets.includes('auto')) throw new UsageError('--accept goes with --format auto.');
  return {
    ...DEFAULT_OPTIONS,
    targets,
    accept: accept ?? DEFAULT_OPTIONS.accept,
    fidelity,
    floor: floor ?? (fidelity === 'glossy' ? GLOSSY_FLOOR : DEFAULT_OPTIONS.floor),
    effort,
    metadata,
    cmyk,
    frames,
    crop,
    resize: readResize(flags),
    turn,
    background,
    imageDpi: flags.imageDpi,
    upright: flags.upright ?? false,
    sanitize: flags.sanitize ?? false,
  };
}

function readResize({ width, height, fit, gravity }: EngineFlags): Resize | undefined {
  if (gravity && fit !== 'cover') throw new UsageError('--gravity goes with --fit cover.');
  if (width !== undefined || height !== undefined) return { width, height, fit: fit ?? 'inside', gravity };
  if (fit) throw new UsageError('--fit goes with --width, --height or both.');
  return undefined;
}
