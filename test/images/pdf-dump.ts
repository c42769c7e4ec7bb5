/** What a PDF says, as another library reads it: every object from the catalog on, however the file stores it. */
import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  type PDFObject,
  PDFRawStream,
  PDFRef,
} from '@cantoo/pdf-lib';

/** Entries that say how a stream is stored. */
const STORAGE = ['/Filter', '/DecodeParms', '/Length'];
const UNDONE = /^(\/FlateDecode|\[? ?\/FlateDecode ?\]?)$/;

/** @returns a line an object, numbered in the order in which they are reached; streams in full, behind Flate. */
export async function dumpPdf(bytes: Uint8Array): Promise<string[]> {
  const { context } = await PDFDocument.load(bytes, { updateMetadata: false });
  const numbers = new Map<string, number>();
  const lines: string[] = [];
  const { Root, Info } = context.trailerInfo;
  const roots = [Root, Info].filter((root) => root !== undefined) as PDFObject[];
  const ahead = [...roots];
  for (const root of ahead) lines.push(describe(context.lookup(root)!));
  return lines;

  function describe(object: PDFObject | undefined): string {
    if (object instanceof PDFRef) {
      const target = context.lookup(object);
      if (!target) return 'null';
      if (!numbers.has(object.tag)) {
        numbers.set(object.tag, numbers.size);
        ahead.push(object);
      }
      return `object ${numbers.get(object.tag)}`;
    }
    if (object instanceof PDFRawStream) return `${describe(object.dict)} ${contentsOf(object)}`;
    if (object instanceof PDFArray) return `[${object.asArray().map(describe).join(' ')}]`;
    if (!(object instanceof PDFDict)) return String(object);
    const entries = object.entries().filter(([key]) => !STORAGE.includes(String(key)));
    return `<<${entries.map(([key, value]) => `${key} ${describe(value)}`).join(' ')}>>`;
  }
}

function contentsOf(stream: PDFRawStream): string {
  const entry = (name: string) =>
    String(stream.dict.entries().find(([key]) => String(key) === name)?.[1] ?? '');
  const filter = entry('/Filter');
  if (!UNDONE.test(filter)) return `${filter} ${Buffer.from(stream.contents).toString('base64')}`;
  const plain = unpredicted(decodePDFRawStream(stream).decode(), entry('/DecodeParms'));
  return ` ${Buffer.from(plain).toString('base64')}`;
}

/** The library leaves PNG's predictors as they are. */
function unpredicted(rows: Uint8Array, parameters: string): Uint8Array {
  const read = (name: string, usual: number) =>
    Number(new RegExp(`/${name} (\\d+)`).exec(parameters)?.[1] ?? usual);
  if (read('Predictor', 1) < 10) return rows;
  const pixelBits = read('Colors', 1) * read('BitsPerComponent', 8);
  const [step, rowBytes] = [Math.ceil(pixelBits / 8), Math.ceil((pixelBits * read('Columns', 1)) / 8)];
  const out = new Uint8Array((rows.length / (rowBytes + 1)) * rowBytes);
  for (let at = 0; at < out.length; at++) {
    const [row, column] = [Math.floor(at / rowBytes), at % rowBytes];
    const [left, corner] = column < step ? [0, 0] : [out[at - step]!, out[at - rowBytes - step] ?? 0];
    const up = out[at - rowBytes] ?? 0;
    const nearest = [left, up, corner].sort(
      (a, b) => Math.abs(left + up - corner - a) - Math.abs(left + up - corner - b),
    )[0]!;
    const kind = rows[row * (rowBytes + 1)]!;
    out[at] = [0, left, up, (left + up) >> 1, nearest][kind]! + rows[at + row + 1]!;
  }
  return out;
}
