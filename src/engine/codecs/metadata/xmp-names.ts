/** The namespaces of XMP that policies know (XMP specification part 2, IPTC Photo Metadata 2023.2, PLUS, MWG), and their properties. */

export const NS = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  meta: 'adobe:ns:meta/',
  dc: 'http://purl.org/dc/elements/1.1/',
  rights: 'http://ns.adobe.com/xap/1.0/rights/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  iptcCore: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  iptcExtension: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
} as const;

type Properties = true | readonly string[];

/** Who made it, who owns it, what may be done with it; `true` is a whole namespace. */
const COPYRIGHT: Record<string, Properties> = {
  [NS.dc]: ['rights', 'creator'],
  [NS.rights]: true,
  [NS.photoshop]: ['Credit', 'Source', 'AuthorsPosition'],
  [NS.tiff]: ['Artist', 'Copyright'],
  [NS.iptcCore]: ['CreatorContactInfo'],
  [NS.iptcExtension]: ['DigitalSourceType'],
  // PLUS and Creative Commons.
  'http://ns.useplus.org/ldf/xmp/1.0/': true,
  'http://creativecommons.org/ns#': true,
  'http://web.resource.org/cc/': true,
};

/** Where it was, who is in it, which device it was, which document it came from. */
const PRIVATE: Record<string, Properties> = {
  [NS.photoshop]: [
    'City',
    'State',
    'Country',
    'DocumentAncestors',
    'History',
    'EmbeddedXMPDigest',
    'LegacyIPTCDigest',
  ],
  [NS.exif]: ['MakerNote', 'ImageUniqueID', 'NativeDigest'],
  [NS.tiff]: ['NativeDigest'],
  [NS.iptcCore]: ['Location', 'CountryCode'],
  [NS.iptcExtension]: [
    'LocationShown',
    'LocationCreated',
    'PersonInImage',
    'PersonInImageWDetails',
    'PersonHeard',
    'ImageRegion',
  ],
  // EXIF for XMP, camera raw's `aux`: an owner, and serial numbers, which are known by their names.
  'http://cipa.jp/exif/1.0/': ['CameraOwnerName'],
  'http://ns.adobe.com/exif/1.0/aux/': ['OwnerName'],
  'http://ns.adobe.com/xap/1.0/': ['Thumbnails'],
  // Media management: ids and history.
  'http://ns.adobe.com/xap/1.0/mm/': true,
  // The rest of a packet too large for one segment, which is not kept.
  'http://ns.adobe.com/xmp/note/': true,
  // Regions: Metadata Working Group, Microsoft, Apple.
  'http://www.metadataworkinggroup.com/schemas/regions/': true,
  'http://ns.microsoft.com/photo/1.2/': true,
  'http://ns.apple.com/faceinfo/1.0/': true,
  // A drone's flight, a patient.
  'http://www.dji.com/drone-dji/1.0/': true,
  'http://ns.adobe.com/DICOM/': true,
};
/** Pictures within the packet: thumbnails, and what phones' cameras put there. */
const PREVIEWS: Record<string, readonly string[]> = {
  'http://ns.adobe.com/xap/1.0/': ['Thumbnails'],
  'http://ns.adobe.com/xap/1.0/g/img/': ['image'],
  'http://ns.google.com/photos/1.0/image/': ['Data'],
  'http://ns.google.com/photos/1.0/depthmap/': ['Data'],
};
const PRIVATE_NAME = /^gps|latitude|longitude|altitude|serial/i;

function holds(properties: Record<string, Properties>, uri: string, local: string): boolean {
  const known = Object.hasOwn(properties, uri) ? properties[uri] : undefined;
  return known === true || (known?.includes(local) ?? false);
}

export function isCopyrightProperty(uri: string, local: string): boolean {
  return holds(COPYRIGHT, uri, local);
}

export function isPrivateProperty(uri: string, local: string): boolean {
  return holds(PRIVATE, uri, local) || PRIVATE_NAME.test(local);
}

/** Finds their names, with a prefix or without, in a packet; what it finds need not be one. */
export const LIKE_PREVIEW = new RegExp(`[<:](?:${Object.values(PREVIEWS).flat().join('|')})\\b`);

export function isPreviewProperty(uri: string, local: string): boolean {
  return holds(PREVIEWS, uri, local);
}
