/**
 * IPTC said in XMP, for containers that have a place for XMP only (PNG, WebP, AVIF). The pairs are those of the
 * IPTC Photo Metadata Standard 2023.2, "IPTC Core".
 */
import type { Embedded } from '../header.ts';
import { type Dataset, datasetsIn } from './iptc.ts';
import { escapeXml, writeXml } from './xml.ts';
import { readRdf, writePacket } from './xmp.ts';
import { NS } from './xmp-names.ts';

interface Pair {
  dataset: number;
  uri: string;
  name: string;
  /** How XMP lists values; a plain one has no list. */
  list?: 'Alt' | 'Bag' | 'Seq';
}

const PAIRS: Pair[] = [
  { dataset: 5, uri: NS.dc, name: 'dc:title', list: 'Alt' },
  { dataset: 25, uri: NS.dc, name: 'dc:subject', list: 'Bag' },
  { dataset: 80, uri: NS.dc, name: 'dc:creator', list: 'Seq' },
  { dataset: 116, uri: NS.dc, name: 'dc:rights', list: 'Alt' },
  { dataset: 120, uri: NS.dc, name: 'dc:description', list: 'Alt' },
  { dataset: 40, uri: NS.photoshop, name: 'photoshop:Instructions' },
  { dataset: 85, uri: NS.photoshop, name: 'photoshop:AuthorsPosition' },
  { dataset: 90, uri: NS.photoshop, name: 'photoshop:City' },
  { dataset: 95, uri: NS.photoshop, name: 'photoshop:State' },
  { dataset: 101, uri: NS.photoshop, name: 'photoshop:Country' },
  { dataset: 105, uri: NS.photoshop, name: 'photoshop:Headline' },
  { dataset: 110, uri: NS.photoshop, name: 'photoshop:Credit' },
  { dataset: 115, uri: NS.photoshop, name: 'photoshop:Source' },
];
/** Data set 1:90 holds this ISO 2022 escape where text is UTF-8. */
const UTF8 = '\x1b%G';

/** What XMP does not say yet is added to it; the IPTC block itself goes. */
export function iptcInXmp<E extends Pick<Embedded, 'iptc' | 'xmp'>>(embedded: E): E {
  const { iptc, xmp } = embedded;
  if (!iptc) return embedded;
  const merged = merge(datasetsIn(iptc), xmp) ?? xmp;
  return { ...embedded, iptc: null, xmp: merged };
}

/** @returns null when there is nothing to say, or the packet cannot be read. */
function merge(datasets: Dataset[], packet: Uint8Array | null): Uint8Array | null {
  const rdf = packet && readRdf(packet);
  if (packet && !rdf) return null;
  const descriptions = (rdf?.children ?? []).filter((child) => typeof child !== 'string');
  const said = new Set(
    descriptions.flatMap(({ attributes, children }) =>
      [...attributes, ...children].flatMap((each) =>
        typeof each === 'string' ? [] : [`${each.name.uri} ${each.name.local}`],
      ),
    ),
  );
  const decoder = decoderFor(datasets);
  const properties = PAIRS.filter(({ uri, name }) => !said.has(`${uri} ${name.split(':')[1]}`)).map(
    (pair) => {
      const values = datasets.filter(({ record, number }) => record === 2 && number === pair.dataset);
      return writeProperty(
        pair,
        values.map(({ value }) => escapeXml(printable(decoder(value)))),
      );
    },
  );
  const added = properties.join('');
  if (added === '') return null;
  const description = `<rdf:Description xmlns:rdf="${NS.rdf}" rdf:about="" xmlns:dc="${NS.dc}" xmlns:photoshop="${NS.photoshop}">${added}</rdf:Description>`;
  return writePacket(rdf?.attributes ?? [], [...descriptions.map(writeXml), description]);
}

function decoderFor(datasets: Dataset[]): (value: Uint8Array) => string {
  const charset = datasets.find(({ record, number }) => record === 1 && number === 90);
  const isUtf8 = charset !== undefined && Buffer.from(charset.value).toString('latin1') === UTF8;
  return (value) => Buffer.from(value).toString(isUtf8 ? 'utf8' : 'latin1');
}

/** XML knows no control characters. */
function printable(text: string): string {
  return [...text].filter((character) => character >= ' ' || '\t\n\r'.includes(character)).join('');
}

function writeProperty({ name, list }: Pair, values: string[]): string {
  if (values.length === 0) return '';
  if (!list) return `<${name}>${values[0]}</${name}>`;
  const language = list === 'Alt' ? ' xml:lang="x-default"' : '';
  const items = (list === 'Alt' ? values.slice(0, 1) : values).map(
    (value) => `<rdf:li${language}>${value}</rdf:li>`,
  );
  return `<${name}><rdf:${list}>${items.join('')}</rdf:${list}></${name}>`;
}
