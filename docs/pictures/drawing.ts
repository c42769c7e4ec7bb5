/** The few things that the documentation's drawings (SVG) have in common: colours, text, a frame with a description. */

export const PAPER = '#f6f4ee';
export const INK = '#2f4858';
export const PALE = '#86a3a8';
export const BLUE = '#33658a';
export const RED = '#b4432f';
export const GREEN = '#3d7a3d';

/** @param description what those who cannot see it are told. */
export function drawing(width: number, height: number, description: string, parts: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" fill="${INK}" role="img" aria-label="${description}">`,
    `<rect width="${width}" height="${height}" rx="14" fill="${PAPER}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

export function text(x: number, y: number, words: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${words}</text>`;
}

/** A line through points in pixels. */
export function path(points: [x: number, y: number][], attributes: string): string {
  const steps = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`);
  return `<path d="${steps.join(' ')}" fill="none" ${attributes}/>`;
}

/** @param type such as `png`. */
export function embed(type: string, bytes: Uint8Array): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

/** Tenths of a pixel are enough, and the same on every machine. */
export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
