/** PDFs of given objects, written out with tables of every kind, right and wrong. */
import { deflateSync } from 'node:zlib';

/** Without `12 0 obj` and `endobj`; a stream's length is added. */
export type PdfObject = string | { dictionary: string; data: Uint8Array | string };

export interface PdfLayout {
  /**
   * `table`, `stream`; `hybrid`: a table, and a stream beside it for what is `packed`; `appended`: the same in a later
   * revision, which has nothing else; `split`: two tables, as in a file that is laid out for the web; `wrong`: a table
   * whose offsets are some bytes off.
   */
  kind?: 'table' | 'stream' | 'hybrid' | 'appended' | 'split' | 'wrong';
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
  if (['hybrid', 'appended', 'stream'].includes(kind)) add(next + 1, crossReferenceStream(rows, entries));
  append(endOf(kind, rows, entries, beside, length()));
  return Buffer.concat(parts);
}

/** @param beside where a cross-reference stream is; `at`: where this will be. */
function endOf(kind: PdfLayout['kind'], rows: Row[], entries: string, beside: number, at: number): string {
  const closing = (start: number) => `startxref\n${start}\n%%EOF\n`;
  if (kind === 'stream') return closing(beside);
  if (kind === 'split') {
    const first = table(rows.slice(0, 3)) + trailerOf(entries);
    return first + table(rows.slice(3), 3) + trailerOf(`${entries}/Prev ${at}`) + closing(at + first.length);
  }
  const off = kind === 'wrong' ? 7 : 0;
  const loose = rows.map(([of, offset]): Row => (of === 1 ? [1, offset + off, 0] : [0, 0, 0]));
  const stream = `/XRefStm ${beside}`;
  const first = table(loose) + trailerOf(kind === 'hybrid' ? entries + stream : entries);
  if (kind !== 'appended') return first + closing(at);
  return `${first}xref\n0 0\n${trailerOf(`${entries}/Prev ${at}${stream}`)}${closing(at + first.length)}`;
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
