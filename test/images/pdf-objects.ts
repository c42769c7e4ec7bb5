/** PDFs of given objects, written out with tables of every kind, right and wrong. */
import { deflateSync } from 'node:zlib';

/** Without `12 0 obj` and `endobj`; a stream's length is added. */
export type PdfObject = string | { dictionary: string; data: Uint8Array | string };

export interface PdfLayout {
  /**
   * `table`, `stream`; `hybrid`: a table, and a stream beside it for what is `packed`; `split`: two tables, as in a file that is
   * laid out for the web; `wrong`: a table whose offsets are some bytes off.
   */
  kind?: 'table' | 'stream' | 'hybrid' | 'split' | 'wrong';
  /** Numbers of the objects that go into an object stream. */
  packed?: number[];
  /** Further entries. */
  trailer?: string;
}

type Row = [kind: number, second: number, third: number];

/** @param objects numbered from 1, the first being the catalog. */
export function pdfOf(
  objects: PdfObject[],
  { kind = 'table', packed = [], trailer = '' }: PdfLayout = {},
): Uint8Array {
  const parts: Buffer[] = [];
  const rows: Row[] = [[0, 0, 65_535]];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  const append = (text: string | Uint8Array) => parts.push(Buffer.from(text as string, 'latin1'));
  const add = (number: number, object: PdfObject) => {
    rows[number] = [1, length(), 0];
    append(`${number} 0 obj\n`);
    if (typeof object === 'string') append(object);
    else {
      const data = Buffer.from(object.data as string, 'latin1');
      append(`<<${object.dictionary}/Length ${data.length}>>\nstream\n`);
      append(data);
      append('\nendstream');
    }
    append('\nendobj\n');
  };
  append('%PDF-1.5\n%\xe2\xe3\xcf\xd3\n');
  for (const [at, object] of objects.entries()) if (!packed.includes(at + 1)) add(at + 1, object);
  const next = objects.length + 1;
  if (packed.length > 0) {
    add(next, objectStream(packed, objects));
    for (const [index, number] of packed.entries()) rows[number] = [2, next, index];
  }
  const entries = `/Size ${next + 2}/Root 1 0 R${trailer}`;
  const beside = length();
  if (kind === 'hybrid' || kind === 'stream') add(next + 1, crossReferenceStream(rows, entries));
  const start = kind === 'stream' ? beside : length();
  if (kind === 'split') {
    append(table(rows.slice(0, 3)) + trailerOf(entries));
    const last = length();
    append(table(rows.slice(3), 3) + trailerOf(`${entries}/Prev ${start}`));
    append(`startxref\n${last}\n%%EOF\n`);
  } else {
    if (kind !== 'stream') {
      const shown = rows.map(
        ([of, at]): Row => (of === 1 ? [1, at + (kind === 'wrong' ? 7 : 0), 0] : [0, 0, 0]),
      );
      append(table(shown) + trailerOf(kind === 'hybrid' ? `${entries}/XRefStm ${beside}` : entries));
    }
    append(`startxref\n${start}\n%%EOF\n`);
  }
  return Buffer.concat(parts);
}

function objectStream(packed: number[], objects: PdfObject[]): PdfObject {
  const texts = packed.map((number) => objects[number - 1] as string);
  let at = 0;
  const heads = packed.map((number, index) => {
    const head = `${number} ${at}`;
    at += texts[index]!.length + 1;
    return head;
  });
  const first = `${heads.join(' ')} `;
  const data = deflateSync(Buffer.from(first + texts.join(' '), 'latin1'));
  const dictionary = `/Type/ObjStm/N ${packed.length}/First ${first.length}/Filter/FlateDecode`;
  return { dictionary, data };
}

function crossReferenceStream(rows: Row[], entries: string): PdfObject {
  const data = Buffer.alloc(rows.length * 7);
  for (const [at, [kind, second, third]] of Array.from(rows, (row): Row => row ?? [0, 0, 0]).entries()) {
    data[at * 7] = kind;
    data.writeUInt32BE(second, at * 7 + 1);
    data.writeUInt16BE(third, at * 7 + 5);
  }
  return { dictionary: `/Type/XRef/W[1 4 2]/Index[0 ${rows.length}]${entries}`, data };
}

function table(rows: Row[], first = 0): string {
  const lines = Array.from(rows, ([kind, offset, generation]) =>
    [`${offset}`.padStart(10, '0'), `${generation}`.padStart(5, '0'), kind === 1 ? 'n' : 'f'].join(' '),
  );
  return `xref\n${first} ${rows.length}\n${lines.map((line) => `${line} \n`).join('')}`;
}

function trailerOf(entries: string): string {
  return `trailer\n<<${entries}>>\n`;
}

/** Catalog, page tree and one page with these contents; what follows is numbered from 5. */
export function onePage(
  contents: string | { dictionary: string; data: Uint8Array | string },
  { page = '', catalog = '' }: { page?: string; catalog?: string } = {},
): PdfObject[] {
  return [
    `<</Type/Catalog/Pages 2 0 R${catalog}>>`,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 144 72]${page}>>`,
    typeof contents === 'string' ? { dictionary: '', data: contents } : contents,
  ];
}
