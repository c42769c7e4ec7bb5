/** Reads the JPEG AIC-4 sample: human JND values of compressed images with the metrics that others computed of them. */

/** One compressed image. */
export interface Sample {
  /** Which original: samples of one source are never on both sides of a split. */
  source: string;
  codec: string;
  /** 1 to 10, rising damage. */
  level: number;
  /** Human scale value in just noticeable differences, 0 = like the original. */
  jnd: number;
  ssimulacra2: number;
  iwssim: number;
  /** ColorVideoVDP, 10 = equal, where the table has it: an anchor, no feature. */
  cvvdp: number | null;
}

const CODECS = ['AVIF', 'JPEG', 'JPEG 2000', 'JPEG XL', 'VVC intra', 'JPEG AI'];

/** @throws Error when a column is missing or a cell is not a number. */
export function parseAic4(text: string): Sample[] {
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const columns = (head ?? '').split(',');
  return lines.map((line, at) => parseLine(columns, line.split(','), at + 2));
}

function parseLine(columns: string[], cells: string[], lineNumber: number): Sample {
  const numberIn = (column: string): number => {
    const cell = cells[columns.indexOf(column)];
    const value = Number(cell);
    if (cell === undefined || cell === '' || Number.isNaN(value)) {
      throw new Error(`Line ${lineNumber} has no number in column ${column}.`);
    }
    return value;
  };
  return {
    source: String(numberIn('img_num')),
    codec: CODECS[numberIn('codec') - 1] ?? `codec ${numberIn('codec')}`,
    level: numberIn('dlevel'),
    jnd: numberIn('distortion'),
    ssimulacra2: numberIn('SSIMULACRA2'),
    iwssim: numberIn('IW-SSIM'),
    cvvdp: columns.includes('CVVDP') ? numberIn('CVVDP') : null,
  };
}

/** The sources in order of first appearance. */
export function sourcesOf(samples: Sample[]): string[] {
  return [...new Set(samples.map(({ source }) => source))];
}
