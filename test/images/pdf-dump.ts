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
  const filter = String(stream.dict.entries().find(([key]) => String(key) === '/Filter')?.[1] ?? '');
  const plain = UNDONE.test(filter) ? decodePDFRawStream(stream).decode() : stream.contents;
  return `${UNDONE.test(filter) ? '' : filter} ${Buffer.from(plain).toString('base64')}`;
}
