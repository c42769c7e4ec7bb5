/** One page with images behind every filter and in every kind of colour space, masked and not. */
import { deflateSync } from 'node:zlib';
import { ascii85, lzw, runLengths, tiffDifferences } from './pdf-filters.ts';
import { onePage, type PdfLayout, type PdfObject, pdfOf } from './pdf-objects.ts';
import { photo } from './pixels.ts';
import { cmykProfile, greyProfile } from './profiles.ts';

const SIDE = 64;

/** @param layout of its objects, of which there are 13. */
export function manyImagesPdf(layout: PdfLayout = {}): Uint8Array {
  const rgb = photo(SIDE, SIDE).data;
  const grey = rgb.filter((_, at) => at % 3 === 0);
  const inks = Uint8Array.from({ length: SIDE * SIDE * 4 }, (_, at) => rgb[at % rgb.length]!);
  const image = (space: string, coding: string, data: Uint8Array): PdfObject => ({
    dictionary: `/Type/XObject/Subtype/Image/Width ${SIDE}/Height ${SIDE}/BitsPerComponent 8/ColorSpace${space}${coding}`,
    data,
  });
  const predicted = '/DecodeParms<</Predictor 2/Colors 3/Columns 64>>';
  const images = [
    image('/DeviceRGB', '/Filter/LZWDecode/SMask 6 0 R', lzw(rgb)),
    image('/DeviceGray', '/Filter/FlateDecode', deflateSync(grey)),
    image('/DeviceRGB', `/Filter/FlateDecode${predicted}`, deflateSync(tiffDifferences(rgb, SIDE, 3))),
    image('/DeviceCMYK', '/Filter/ASCII85Decode', ascii85(inks)),
    image('[/ICCBased 11 0 R]', '/Filter/RunLengthDecode', runLengths(inks)),
    image('[/ICCBased 12 0 R]', '/Filter/FlateDecode/Decode[0 1]', deflateSync(grey)),
    image(
      '[/Indexed/DeviceRGB 3<000000ff000000ff000000ff>]',
      '',
      grey.map((level) => level >> 6),
    ),
  ];
  const [first, second, ...others] = images as [PdfObject, PdfObject, ...PdfObject[]];
  const profiles = [
    { dictionary: '/N 4', data: cmykProfile() },
    { dictionary: '/N 1', data: greyProfile(2.2) },
  ];
  const numbers = [5, 7, 8, 9, 10, 13];
  const page = `/Resources<</XObject<<${numbers.map((number) => `/I${number} ${number} 0 R`).join('')}>>>>`;
  const contents = numbers.map((number) => `q 50 0 0 40 ${number} 1 cm /I${number} Do Q`).join('\n');
  return pdfOf(
    [...onePage(contents, { page }), first, second, ...others.slice(0, 4), ...profiles, ...others.slice(4)],
    layout,
  );
}
