/**
 * Gain maps: JPEGs behind a JPEG that tell brighter screens how much brighter its parts are (Google's Ultra HDR image
 * format 1.1, ISO 21496-1, Apple's auxiliary image). A result that lies as its source does takes them along.
 */
import { Decline, type MetadataPolicy } from '../../contract.ts';
import { indexOfText, latin1 } from '../bytes.ts';
import type { GainMaps } from '../codec.ts';
import { NOTHING_EMBEDDED } from '../header.ts';
import { digestCoefficients, readCoefficients } from './coefficients.ts';
import { readLayout } from './layout.ts';
import { joinPictures, laterPictures } from './multi-picture.ts';
import {
  APP0,
  APP14,
  embeddedIn,
  embeddedSegments,
  insertSegments,
  isIcc,
  isMetadata,
  readSegments,
  type Segment,
  startsWith,
  withoutSegments,
  XMP,
} from './segments.ts';
import { packJpeg } from './transcode.ts';

const XMP_GAIN_MAP = 'http://ns.adobe.com/hdr-gain-map/1.0/';
const ISO_GAIN_MAP = 'urn:iso:std:iso:ts:21496:-1';
const APPLE_GAIN_MAP = 'urn:com:apple:photo:2020:aux:hdrgainmap';
/** Without it, how bright the map means stands only in the camera's own notes. */
const APPLE_HEADROOM = 'HDRGainMapHeadroom';

/** Google's and ISO's gain maps announce themselves in the first image, Apple's only in a later one. */
export function hasGainMap(jpeg: Uint8Array, list: Segment[]): boolean {
  return list.some(isAnnouncement) || laterPictures(jpeg).some(isGainMap);
}

function isAnnouncement(segment: Segment): boolean {
  return startsWith(segment, ISO_GAIN_MAP) || indexOfText(segment.payload, XMP_GAIN_MAP) !== -1;
}

function isGainMap(picture: Uint8Array): boolean {
  return readSegments(picture).list.some(
    (segment) => isAnnouncement(segment) || indexOfText(segment.payload, APPLE_GAIN_MAP) !== -1,
  );
}

/**
 * The gain maps of a JPEG, packed without loss, with all that says what they mean and no other metadata.
 * @returns null where they cannot be kept: none is found, or what it means is lost with the metadata.
 */
export async function gainMapsOf(jpeg: Uint8Array, policy: MetadataPolicy): Promise<GainMaps | null> {
  const found = laterPictures(jpeg).filter(isGainMap);
  const isExplained = (picture: Uint8Array) =>
    readSegments(picture).list.some(isAnnouncement) || indexOfText(picture, APPLE_HEADROOM) !== -1;
  if (found.some((picture) => pixelsOf(picture) > pixelsOf(jpeg))) return null;
  if (found.length === 0 || !(policy === 'all' || found.every(isExplained))) return null;
  const maps = await Promise.all(found.map(packGainMap));
  const announcements = readSegments(jpeg).list.filter(isAnnouncement);
  const attach = (result: Uint8Array) => joinPictures(announce(result, jpeg, announcements, maps), maps);
  return { bytes: maps.reduce((sum, { length }) => sum + length, 0), attach };
}

/** With what says how to use it, and without the rest; as it is where it cannot be packed without loss. */
async function packGainMap(picture: Uint8Array): Promise<Uint8Array> {
  const isNeeded = (segment: Segment) =>
    isAnnouncement(segment) || isIcc(segment) || indexOfText(segment.payload, APPLE_GAIN_MAP) !== -1;
  const isColour = ({ marker }: Segment) => marker === APP0 || marker === APP14;
  const bare = withoutSegments(
    picture,
    (segment) => isMetadata(segment) && !isNeeded(segment) && !isColour(segment),
  );
  const packed = await packJpeg(picture, 'usual');
  if (!packed || !holdTheSame(packed, picture)) return bare;
  const segments = readSegments(picture).list.filter(isNeeded);
  const result = insertSegments(
    packed,
    segments.map(({ start, end }) => picture.subarray(start, end)),
  );
  return result.length < bare.length ? result : bare;
}

function holdTheSame(a: Uint8Array, b: Uint8Array): boolean {
  try {
    return digestCoefficients(readCoefficients(a)) === digestCoefficients(readCoefficients(b));
  } catch (error) {
    if (error instanceof Decline || error instanceof RangeError) return false;
    throw error;
  }
}

/** A gain map is no larger than what it brightens; else its header alone could take all memory. */
function pixelsOf(jpeg: Uint8Array): number {
  const frame = readSegments(jpeg).list.find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  if (!frame) return Number.POSITIVE_INFINITY;
  const { width, height } = readLayout(frame).layout;
  return width * height;
}

/** Says in the first image what its original said there of the gain maps, with their lengths as they are now. */
function announce(
  result: Uint8Array,
  original: Uint8Array,
  announcements: Segment[],
  maps: Uint8Array[],
): Uint8Array {
  const { list } = readSegments(result);
  const iso = announcements.filter(
    (segment) => startsWith(segment, ISO_GAIN_MAP) && !list.some((each) => startsWith(each, ISO_GAIN_MAP)),
  );
  const added = iso.map(({ start, end }) => original.subarray(start, end));
  const hasXmp = announcements.some((segment) => indexOfText(segment.payload, XMP_GAIN_MAP) !== -1);
  if (!hasXmp) return insertSegments(result, added);
  const { xmp } = embeddedIn(list);
  const packet = Buffer.from(describeMaps(xmp && latin1(xmp, 0, xmp.length), maps), 'latin1');
  const bare = withoutSegments(result, (segment) => startsWith(segment, XMP));
  return insertSegments(bare, [...embeddedSegments({ ...NOTHING_EMBEDDED, xmp: packet }), ...added]);
}

const ITEM_LENGTH = /(?<=Item:Length(?:="|='|>))\d+(?=["'<])/;

/** The directory of a packet that has one gets the new lengths; any other packet gets a directory. */
function describeMaps(packet: string | null, maps: Uint8Array[]): string {
  const description = `<rdf:Description rdf:about="" xmlns:hdrgm="${XMP_GAIN_MAP}" hdrgm:Version="1.0" xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><Container:Directory><rdf:Seq>${[
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li>',
    ...maps.map(
      ({ length }) =>
        `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Mime="image/jpeg" Item:Length="${length}"/></rdf:li>`,
    ),
  ].join('')}</rdf:Seq></Container:Directory></rdf:Description>`;
  if (packet === null)
    return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${description}</rdf:RDF></x:xmpmeta>`;
  if (!packet.includes(XMP_GAIN_MAP) || !packet.includes('Container:Directory'))
    return packet.replace('</rdf:RDF>', `${description}</rdf:RDF>`);
  let next = 0;
  return packet.replace(/<rdf:li[\s\S]*?<\/rdf:li>/g, (item) =>
    /Item:Semantic(?:="|='|>)GainMap/.test(item)
      ? item.replace(ITEM_LENGTH, String(maps[next++]?.length ?? 0))
      : item,
  );
}
