/** Metadata blocks full of what a policy must tell apart: who made an image and where, with what, and who is in it. */
import sharp from 'sharp';
import type { Embedded } from '../../src/engine/codecs/header.ts';
import { embeddedIn, readSegments } from '../../src/engine/codecs/jpeg/segments.ts';
import type { Pixels } from '../../src/engine/contract.ts';
import { jpegWith, tiffFile } from './files.ts';

/** Values that only `all` may let through. */
export const SECRETS = [
  'SERIAL-4711',
  'LENS-0815',
  'Jane Owner',
  'janes-laptop',
  'makers-note',
  'Secret City',
  'Secret Street',
  'Depicted Person',
  'xmp.iid:instance',
  '52,30.5N',
];
/** Values that `copyright` keeps, each in EXIF, XMP and IPTC. */
export const CREDITS = ['Ansel Example', '(c) Example Press'];
/** Values that `private-stripped` keeps, too. */
export const DESCRIPTIONS = ['Example Camera', 'A harbour at dawn'];

/** As libexif writes it, which sharp asks. */
export async function cameraExif(orientation = 1): Promise<Uint8Array> {
  const file = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'grey' } })
    .withExif({
      IFD0: {
        Artist: CREDITS[0]!,
        Copyright: CREDITS[1]!,
        Make: DESCRIPTIONS[0]!,
        ImageDescription: DESCRIPTIONS[1]!,
        HostComputer: 'janes-laptop',
        Orientation: String(orientation),
        XResolution: '300/1',
        YResolution: '300/1',
        ResolutionUnit: '2',
      },
      IFD2: {
        ExposureTime: '1/125',
        BodySerialNumber: 'SERIAL-4711',
        LensSerialNumber: 'LENS-0815',
        CameraOwnerName: 'Jane Owner',
        MakerNote: 'makers-note',
      },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 30/1 30/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 0/1',
      },
    })
    .withMetadata({ orientation, density: 300 })
    .jpeg()
    .toBuffer();
  return embeddedIn(readSegments(file).list).exif!;
}

export const CAMERA_XMP = Buffer.from(`<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<!-- a comment -->
<rdf:Description rdf:about="" xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
  xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
  xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
  xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Make="Example Camera" exif:GPSLatitude="52,30.5N"
  aux:SerialNumber="SERIAL-4711" photoshop:City="Secret City" xmpMM:InstanceID="xmp.iid:instance"
  photoshop:Credit="Example Press" xmpRights:Marked="True" tiff:Orientation="6">
  <d:creator><rdf:Seq><rdf:li>Ansel Example</rdf:li></rdf:Seq></d:creator>
  <d:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) Example Press</rdf:li></rdf:Alt></d:rights>
  <d:description><rdf:Alt><rdf:li xml:lang="x-default">A harbour at dawn</rdf:li></rdf:Alt></d:description>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  xmlns:mwg="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
  <e:PersonInImage><rdf:Bag><rdf:li>Depicted Person</rdf:li></rdf:Bag></e:PersonInImage>
  <e:LocationShown><rdf:Bag><rdf:li e:Sublocation="Secret Street"/></rdf:Bag></e:LocationShown>
  <mwg:Regions rdf:parseType="Resource"><mwg:Name>Depicted Person</mwg:Name></mwg:Regions>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`);

/** @param datasets of record 2 */
export function iptcBlock(datasets: [number: number, text: string][]): Uint8Array {
  const dataset = (record: number, number: number, value: Buffer) =>
    Buffer.concat([Buffer.from([0x1c, record, number, value.length >> 8, value.length & 255]), value]);
  const records = Buffer.concat([
    dataset(1, 90, Buffer.from('\x1b%G', 'latin1')),
    ...datasets.map(([number, text]) => dataset(2, number, Buffer.from(text))),
  ]);
  const head = Buffer.from('8BIM\x04\x04\0\0\0\0\0\0', 'latin1');
  head.writeUInt32BE(records.length, 8);
  return Buffer.concat([head, records, Buffer.alloc(records.length % 2)]);
}

export const CAMERA_IPTC = iptcBlock([
  [80, CREDITS[0]!],
  [116, CREDITS[1]!],
  [120, DESCRIPTIONS[1]!],
  [90, 'Secret City'],
  [92, 'Secret Street'],
]);

export async function cameraMetadata(orientation = 1): Promise<Partial<Embedded>> {
  return { exif: await cameraExif(orientation), xmp: CAMERA_XMP, iptc: CAMERA_IPTC };
}

/** @returns a JPEG as a camera and an agency leave it; its pixels are stored as they are given. */
export async function cameraJpeg(jpeg: Uint8Array, orientation = 1): Promise<Uint8Array> {
  return jpegWith(jpeg, await cameraMetadata(orientation));
}

/** A tag, its type (2 text, 4 a number, 7 bytes) and its value. */
type TiffField = [tag: number, type: 2 | 4 | 7, value: Uint8Array | string | number];

/** @returns a TIFF whose first directory says what the JPEG's blocks say, by itself and in directories that it points to. */
export async function cameraTiff(pixels: Pixels): Promise<Uint8Array> {
  const file = Buffer.from(await tiffFile(pixels));
  const parts: Buffer[] = [file];
  let end = file.length;
  const append = (bytes: Uint8Array): number => {
    const at = end + (end % 2);
    parts.push(Buffer.alloc(at - end), Buffer.from(bytes));
    end = at + bytes.length;
    return at;
  };
  const entry = ([tag, type, value]: TiffField): Buffer => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    const data = typeof value === 'string' ? Buffer.from(`${value}\0`) : value;
    bytes.writeUInt32LE(typeof data === 'number' ? 1 : data.length, 4);
    bytes.writeUInt32LE(typeof data === 'number' ? data : append(data), 8);
    return bytes;
  };
  const directory = (entries: Buffer[]): number => {
    const sorted = entries.toSorted((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
    return append(Buffer.concat([Buffer.from([sorted.length, 0]), ...sorted, Buffer.alloc(4)]));
  };
  const gps = directory([entry([29, 2, '2026:11:25, 52,30.5N'])]);
  const exif = directory([entry([0xa431, 2, 'SERIAL-4711']), entry([0x927c, 7, Buffer.from('makers-note')])]);
  const start = file.readUInt32LE(4);
  const own = Array.from({ length: file.readUInt16LE(start) }, (_, index) =>
    file.subarray(start + 2 + 12 * index, start + 14 + 12 * index),
  );
  const added: TiffField[] = [
    [270, 2, DESCRIPTIONS[1]!],
    [271, 2, DESCRIPTIONS[0]!],
    [315, 2, CREDITS[0]!],
    [316, 2, 'janes-laptop'],
    [700, 7, CAMERA_XMP],
    [33_432, 2, CREDITS[1]!],
    [33_723, 7, CAMERA_IPTC.subarray(12)],
    [34_665, 4, exif],
    [34_853, 4, gps],
  ];
  const main = directory([...own, ...added.map(entry)]);
  const whole = Buffer.concat(parts);
  whole.writeUInt32LE(main, 4);
  return whole;
}
