/** PDFs for tests, made by another library than the one that reads them here. */
import { PDFDocument, PDFName, PDFString, StandardFonts } from '@cantoo/pdf-lib';
import type { Pixels } from '../../src/engine/contract.ts';
import { jpegFile, pngFile } from './files.ts';
import { photo } from './pixels.ts';

export interface PdfParts {
  pages?: number;
  /** Shown as a JPEG and as a Flate image with a soft mask. */
  picture?: Pixels;
  objectStreams?: boolean;
  encrypted?: boolean;
  signed?: boolean;
}

/** @returns a PDF with text, a link, a form field, an attachment and, if asked, pictures. */
export async function pdfFile({ pages = 2, picture, ...how }: PdfParts = {}): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (let number = 1; number <= pages; number++) {
    const page = document.addPage([300, 400]);
    page.drawText(`Page ${number} says that nothing of it may be lost. `.repeat(8), {
      x: 20,
      y: 350,
      size: 9,
      font,
      maxWidth: 260,
    });
  }
  const [first] = document.getPages();
  document.getForm().createTextField('name').addToPage(first!, { x: 20, y: 20, width: 100, height: 20 });
  await document.attach(Buffer.from('attached '.repeat(50)), 'note.txt', { mimeType: 'text/plain' });
  if (picture) await drawPictures(document, picture);
  if (how.signed) {
    const { context } = document;
    const signature = context.obj({ Type: 'Sig', Filter: 'Adobe.PPKLite', ByteRange: [0, 10, 20, 30] });
    document.catalog.set(PDFName.of('Perms'), context.obj({ DocMDP: context.register(signature) }));
  }
  document.catalog.set(PDFName.of('Lang'), PDFString.of('en'));
  if (how.encrypted) document.encrypt({ userPassword: 'secret', ownerPassword: 'secret' });
  return document.save({ useObjectStreams: how.objectStreams ?? false });
}

async function drawPictures(document: PDFDocument, picture: Pixels): Promise<void> {
  const [page] = document.getPages();
  const jpeg = await document.embedJpg(await jpegFile(picture, { quality: 98 }));
  page!.drawImage(jpeg, { x: 20, y: 150, width: 120, height: 90 });
  const alpha = { ...picture, channels: 4 as const, data: withAlpha(picture) };
  const png = await document.embedPng(await pngFile(alpha));
  page!.drawImage(png, { x: 150, y: 150, width: 120, height: 90 });
}

function withAlpha({ data, width }: Pixels): Uint8Array {
  const out = new Uint8Array((data.length / 3) * 4);
  for (let pixel = 0; pixel < data.length / 3; pixel++)
    out.set([...data.subarray(pixel * 3, pixel * 3 + 3), 255 - ((pixel % width) % 200)], pixel * 4);
  return out;
}

/** A picture that is large enough to be worth a judge's time. */
export const pdfPicture = (): Pixels => photo(320, 240);
