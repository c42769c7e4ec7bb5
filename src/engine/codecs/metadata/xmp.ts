/** What of an XMP packet a policy keeps, written as a new packet (XMP specification part 1 §7: RDF, §7.3: packets). */
import type { MetadataPolicy } from '../../contract.ts';
import { latin1 } from '../bytes.ts';
import { type Attribute, type Element, parseXml, writeXml, XMLNS } from './xml.ts';
import { isCopyrightProperty, isPreviewProperty, isPrivateProperty, LIKE_PREVIEW, NS } from './xmp-names.ts';

/** Larger packets are not looked into. */
const MOST_BYTES = 1 << 20;

/** @returns null when nothing is left, or the packet cannot be read. */
export function filterXmp(packet: Uint8Array, policy: Exclude<MetadataPolicy, 'all'>): Uint8Array | null {
  if (policy === 'none') return null;
  return policy === 'copyright'
    ? rewrite(packet, isCopyrightProperty, (element) => element)
    : rewrite(packet, (uri, local) => !isPrivateProperty(uri, local), prune);
}

/** @returns the packet itself where it has no previews; null as `filterXmp` does. */
export function withoutPreviewProperties(packet: Uint8Array): Uint8Array | null {
  if (!LIKE_PREVIEW.test(latin1(packet, 0, packet.length))) return packet;
  return rewrite(packet, (uri, local) => !isPreviewProperty(uri, local), prune);
}

type IsKept = (uri: string, local: string) => boolean;
type Inner = (element: Element, isKept: IsKept) => Element;

/** @param inner what is kept of a property that is kept */
function rewrite(packet: Uint8Array, isKept: IsKept, inner: Inner): Uint8Array | null {
  const rdf = readRdf(packet);
  if (!rdf) return null;
  const descriptions = rdf.children.flatMap((child) => {
    const kept = typeof child === 'string' ? null : filterDescription(child, isKept, inner);
    return kept ? [kept] : [];
  });
  return descriptions.length === 0 ? null : writePacket(namespacesOf(rdf), descriptions.map(writeXml));
}

/** The XMP namespaces and properties that a packet has; null when it cannot be read. */
export function readRdf(packet: Uint8Array): Element | null {
  if (packet.length > MOST_BYTES) return null;
  const text = decodeUtf8(packet);
  const root = text === null ? null : parseXml(text);
  if (!root) return null;
  return isNamed(root, NS.rdf, 'RDF') ? root : withOuter(root, childNamed(root, NS.rdf, 'RDF'));
}

/** Prefixes may be declared outside of RDF: they move in. */
function withOuter(outer: Element, rdf: Element | null): Element | null {
  return rdf && { ...rdf, attributes: [...namespacesOf(outer), ...namespacesOf(rdf)] };
}

function namespacesOf({ attributes }: Element): Attribute[] {
  return attributes.filter(({ name }) => name.uri === XMLNS);
}

function isNamed({ name }: Element, uri: string, local: string): boolean {
  return name.uri === uri && name.local === local;
}

function childNamed({ children }: Element, uri: string, local: string): Element | null {
  return (
    children.find((child): child is Element => typeof child !== 'string' && isNamed(child, uri, local)) ??
    null
  );
}

/** A description's properties are its elements and its attributes; null when none is left. */
function filterDescription(description: Element, isKept: IsKept, inner: Inner): Element | null {
  const isProperty = ({ name }: Attribute | Element) => !isSyntax(name.uri);
  const attributes = description.attributes.filter(
    (each) => !isProperty(each) || isKept(each.name.uri, each.name.local),
  );
  const elements = description.children.filter(
    (child): child is Element => typeof child !== 'string' && isKept(child.name.uri, child.name.local),
  );
  if (elements.length === 0 && !attributes.some(isProperty)) return null;
  return { ...description, attributes, children: elements.map((element) => inner(element, isKept)) };
}

/** What is private may also stand within structures. */
function prune(element: Element, isKept: IsKept): Element {
  return {
    ...element,
    attributes: element.attributes.filter(({ name }) => isSyntax(name.uri) || isKept(name.uri, name.local)),
    children: element.children
      .filter(
        (child) =>
          typeof child === 'string' || isSyntax(child.name.uri) || isKept(child.name.uri, child.name.local),
      )
      .map((child) => (typeof child === 'string' ? child : prune(child, isKept))),
  };
}

/** Names of XML and RDF themselves. */
function isSyntax(uri: string): boolean {
  return uri === XMLNS || uri === NS.rdf || uri === 'http://www.w3.org/XML/1998/namespace' || uri === '';
}

/** @param descriptions as XML, in the scope of these namespaces */
export function writePacket(namespaces: Attribute[], descriptions: string[]): Uint8Array {
  const declared = new Map([
    ['xmlns:rdf', NS.rdf as string],
    ...namespaces.map(({ name, value }): [string, string] => [name.raw, value]),
  ]);
  const pairs = [...declared].map(([name, value]) => ` ${name}="${value}"`).join('');
  return Buffer.from(
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
      `<x:xmpmeta xmlns:x="${NS.meta}"><rdf:RDF${pairs}>${descriptions.join('')}</rdf:RDF></x:xmpmeta>` +
      `<?xpacket end="r"?>`,
  );
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\0+$/, '');
  } catch {
    return null;
  }
}
