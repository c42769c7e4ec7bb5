/**
 * The colours of a heat map: from a dark violet through red and orange to a light yellow, computed in OKLab
 * (Björn Ottosson, "A perceptual color space for image processing", 2020) so that equal steps look equal, and lighter
 * is always worse, in print and to colour-blind eyes too.
 */

export type Rgb = [red: number, green: number, blue: number];
type Oklab = [lightness: number, a: number, b: number];

/** Where the path through the colours leads: lightness 0 to 1, hue in degrees, and as much chroma if sRGB has it. */
const STATIONS = [
  { lightness: 0.24, hue: 288, chroma: 0.14 },
  { lightness: 0.42, hue: 325, chroma: 0.19 },
  { lightness: 0.6, hue: 382, chroma: 0.21 },
  { lightness: 0.78, hue: 420, chroma: 0.17 },
  { lightness: 0.96, hue: 465, chroma: 0.11 },
];
/** Steps in which the path is walked to measure it. */
const WALK = 2048;

/** @returns `count` colours in equal steps of OKLab distance, the darkest first. */
export function colourMap(count: number): Rgb[] {
  const path = Array.from({ length: WALK + 1 }, (_, at) => pathAt(at / WALK));
  const walked = [0];
  for (let at = 1; at <= WALK; at++) walked.push(walked[at - 1]! + distance(path[at - 1]!, path[at]!));
  const whole = walked.at(-1)!;
  return Array.from({ length: count }, (_, step) => {
    const wanted = (whole * step) / (count - 1);
    const at = walked.findIndex((length) => length >= wanted);
    return toRgb(path[at]!);
  });
}

/** @returns 0 to 1 each, linear light; outside of that where sRGB has no such colour. */
function toLinear([lightness, a, b]: Oklab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function pathAt(t: number): Oklab {
  const place = t * (STATIONS.length - 1);
  const from = Math.min(Math.floor(place), STATIONS.length - 2);
  const [a, b] = [STATIONS[from]!, STATIONS[from + 1]!];
  const between = (x: number, y: number) => x + (y - x) * (place - from);
  return inGamut(between(a.lightness, b.lightness), between(a.hue, b.hue), between(a.chroma, b.chroma));
}

/** The colour with the most of the wanted chroma that sRGB can show at that lightness and hue. */
function inGamut(lightness: number, hue: number, chroma: number): Oklab {
  const angle = (hue * Math.PI) / 180;
  const colour = (c: number): Oklab => [lightness, c * Math.cos(angle), c * Math.sin(angle)];
  if (isShowable(colour(chroma))) return colour(chroma);
  let [shown, beyond] = [0, chroma];
  for (let halving = 0; halving < 20; halving++) {
    const middle = (shown + beyond) / 2;
    if (isShowable(colour(middle))) shown = middle;
    else beyond = middle;
  }
  return colour(shown);
}

function isShowable(colour: Oklab): boolean {
  return toLinear(colour).every((part) => part >= 0 && part <= 1);
}

function toRgb(colour: Oklab): Rgb {
  return toLinear(colour).map((part) => {
    const light = Math.min(1, Math.max(0, part));
    const value = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
    return Math.round(255 * value);
  }) as Rgb;
}

function distance(a: Oklab, b: Oklab): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
