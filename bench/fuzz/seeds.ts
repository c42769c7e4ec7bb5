/** Small whole files of each format to damage, generated: the rarer ways to store an image, which no everyday file shows. */
import type { Pixels } from '../../src/engine/contract.ts';
import { gifAnimation, overlapping } from '../../test/images/animated-gif.ts';
import {
  bmpFile,
  iconBitmap,
  iconFile,
  maskedBmp,
  paletteBmp,
  runLengthBmp,
} from '../../test/images/bitmaps.ts';
import { curves, svgFile, UNSEEN, withDoctype } from '../../test/images/drawings.ts';
import {
  animatedGif,
  animatedPng,
  animatedWebp,
  avifFile,
  cmykJpeg,
  deepPng,
  floatTiff,
  gainMapAvif,
  gifFile,
  jpegFile,
  multiPageTiff,
  pngFile,
  tiffFile,
  turnedAvif,
  webpFile,
  wideGamutPng,
} from '../../test/images/files.ts';
import { heicFile } from '../../test/images/heic.ts';
import { restartingJpeg, sampledJpeg, tablelessJpeg, ultraHdrJpeg } from '../../test/images/jpegs.ts';
import { cameraExif, cameraJpeg, cameraTiff } from '../../test/images/metadata.ts';
import { pdfFile } from '../../test/images/pdf.ts';
import { manyImagesPdf } from '../../test/images/pdf-many-images.ts';
import { logo, photo, screenshot } from '../../test/images/pixels.ts';

type Seeds = () => (Uint8Array | Promise<Uint8Array>)[];

const SIDE = 64;
const PHOTO = photo(96, SIDE);
const SCREEN = screenshot(96, SIDE);
const FRAMES = [1, 2, 3].map((seed) => photo(48, 40, seed));
const DRAWINGS = [1, 2, 3].map((seed) => screenshot(96, 80, seed));

/** By format, each in as many ways as matter to its parser. */
export const SEEDS: Record<string, Seeds> = {
  jpeg: () => [
    jpegFile(PHOTO, { quality: 92 }),
    jpegFile(PHOTO, { quality: 92 }).then((jpeg) => cameraJpeg(jpeg, 6)),
    cmykJpeg(PHOTO),
    restartingJpeg(PHOTO),
    tablelessJpeg(PHOTO),
    ultraHdrJpeg(PHOTO),
    sampledJpeg(61, 43, ['2x2', '1x1', '1x1']),
    sampledJpeg(61, 43, ['1x1']),
  ],
  png: () => [
    pngFile(PHOTO),
    pngFile(SCREEN),
    pngFile(logo(SIDE, SIDE)),
    deepPng(PHOTO),
    wideGamutPng(PHOTO),
  ],
  'animated-png': () => [animatedPng(FRAMES), animatedPng(DRAWINGS)],
  gif: () => [gifFile(SCREEN), gifFile(PHOTO), gifFile(logo(SIDE, SIDE))],
  'animated-gif': () => [
    animatedGif(FRAMES),
    gifAnimation(overlapping([0, 1, 2, 3])),
    gifAnimation(overlapping([2, 3], true)),
  ],
  webp: () => [webpFile(PHOTO), webpFile(SCREEN, { lossless: true }), webpFile(logo(SIDE, SIDE))],
  'animated-webp': () => [animatedWebp(FRAMES), animatedWebp(DRAWINGS)],
  avif: () => [avifFile(PHOTO), avifFile(logo(SIDE, SIDE)), turnedAvif(PHOTO, 1), gainMapAvif(PHOTO)],
  svg: () => [
    svgFile(curves()),
    svgFile(Object.values(UNSEEN).join('')),
    svgFile(`<style>.a{fill:red}g > .b,#c{stroke:rgb(1,2,3)}</style>${curves(2, 6)}`),
    withDoctype('<!ENTITY red "#f00">', '<rect width="9" height="9" fill="&red;"/>'),
  ],
  pdf: () => [
    pdfFile({ picture: photo(120, 90) }),
    pdfFile({ picture: photo(120, 90), objectStreams: true }),
    ...(['table', 'stream', 'hybrid', 'appended', 'split'] as const).map((kind) =>
      manyImagesPdf({ kind, packed: kind === 'table' || kind === 'split' ? [] : [1, 2, 3] }),
    ),
  ],
  tiff: () => [tiffFile(PHOTO), cameraTiff(PHOTO), floatTiff(PHOTO), multiPageTiff(FRAMES)],
  bmp: () => [
    bmpFile(PHOTO),
    maskedBmp(PHOTO, { bits: 16, masks: [0xf800, 0x7e0, 0x1f, 0] }),
    paletteBmp(few(PHOTO), 4),
    runLengthBmp(few(PHOTO)),
    iconFile([iconBitmap(photo(32, 32)), iconBitmap(logo(48, 48))]),
  ],
  heic: () => [
    heicFile(),
    heicFile({ grid: true, turn: 1 }),
    heicFile({ deep: true, alpha: true, clean: { width: 40, height: 30 } }),
    cameraExif(6).then((exif) => heicFile({ exif, decoy: true, nclx: [12, 13] })),
  ],
};

/** The same picture in eight colours. */
function few(pixels: Pixels): Pixels {
  return { ...pixels, data: Uint8Array.from(pixels.data, (level) => (level < 128 ? 40 : 210)) };
}
