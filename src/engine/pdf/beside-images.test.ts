import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { jpegFile } from '../../../test/images/files.ts';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { dumpPdf } from '../../../test/images/pdf-dump.ts';
import { onePage, type PdfLayout, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { photo } from '../../../test/images/pixels.ts';
import { DEFAULT_OPTIONS, FIDELITIES } from '../contract.ts';
import { optimize } from '../optimize.ts';

const SIDE = 96;
const stream = (dictionary: string, data: Uint8Array | string): PdfObject => ({ dictionary, data });

/** A page of text, a picture and a form, with what readers, scripts and other programs know of it. */
async function formWith(layout: PdfLayout): Promise<Uint8Array> {
  const picture = await jpegFile(photo(SIDE, SIDE), { quality: 98 });
  const page =
    '/Resources<</Font<</F1 5 0 R>>/XObject<</Im 6 0 R>>/Properties<</L 21 0 R>>>>/StructParents 0/Tabs/S' +
    '/Annots[8 0 R 9 0 R 10 0 R 11 0 R 12 0 R 16 0 R]/AA<</O<</S/JavaScript/JS(app.beep\\(1\\))>>>>/AF[17 0 R]';
  const form =
    '/AcroForm<</Fields[7 0 R 10 0 R 11 0 R]/CO[10 0 R]/DR<</Font<</F1 5 0 R>>>>/DA(/F1 9 Tf 0 g)' +
    '/XFA[(template)14 0 R(datasets)15 0 R]>>';
  const catalog =
    `${form}/StructTreeRoot 19 0 R/MarkInfo<</Marked true>>/Names<</JavaScript<</Names[(a)13 0 R]>>` +
    '/EmbeddedFiles<</Names[(photo.jpg)17 0 R]>>>>/Metadata 22 0 R/PieceInfo<</App<</Private(x)/LastModified(D:2026)>>>>' +
    '/OpenAction[3 0 R/Fit]/PageMode/UseOutlines/Outlines 23 0 R/OCProperties<</OCGs[21 0 R]/D<</OFF[21 0 R]>>>>';
  const text = '/P <</MCID 0>> BDC BT /F1 9 Tf 5 60 Td (nothing of it may be lost) Tj ET EMC\n';
  const shown = '/Figure <</MCID 1>> BDC q 60 0 0 50 70 5 cm /Im Do Q EMC /OC /L BDC 0 0 5 5 re f EMC\n';
  const widget = '/Type/Annot/Subtype/Widget/P 3 0 R';
  return pdfOf(
    [
      ...onePage(text.repeat(30) + shown, { page, catalog }),
      '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
      stream(
        `/Type/XObject/Subtype/Image/Width ${SIDE}/Height ${SIDE}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode`,
        picture,
      ),
      '<</FT/Btn/Ff 49152/T(radio)/V/One/Kids[8 0 R 9 0 R]>>',
      `<<${widget}/Parent 7 0 R/Rect[1 1 9 9]/AS/One/AP<</N<</One 18 0 R/Off 24 0 R>>>>>>`,
      `<<${widget}/Parent 7 0 R/Rect[10 1 19 9]/AS/Off/AP<</N<</Two 18 0 R/Off 24 0 R>>>>>>`,
      `<<${widget}/FT/Tx/T(sum)/V(3)/Rect[20 1 40 9]/AP<</N 18 0 R>>/AA<</C<</S/JavaScript/JS(event.value=3)>>>>>>`,
      `<<${widget}/FT/Ch/Ff 131072/T(choice)/Opt[[(a)(First)](b)]/V(a)/I[0]/Rect[41 1 60 9]/AP<</N 18 0 R>>>>`,
      '<</Type/Annot/Subtype/Link/Rect[0 20 9 29]/Border[0 0 0]/A<</S/GoToR/F(other.pdf)/D[0/Fit]>>>>',
      '<</S/JavaScript/JS 15 0 R>>',
      stream('', '<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"/>'.repeat(9)),
      stream('', 'this.getField("sum").value = 3;\r\n'.repeat(9)),
      '<</Type/Annot/Subtype/FileAttachment/Rect[0 30 9 39]/FS 17 0 R/Contents(a photo)/AP<</N 18 0 R>>>>',
      '<</Type/Filespec/F(photo.jpg)/UF(photo.jpg)/EF<</F 20 0 R>>/AFRelationship/Source>>',
      stream('/Type/XObject/Subtype/Form/BBox[0 0 9 9]', '0 0 9 9 re f\n'.repeat(20)),
      '<</Type/StructTreeRoot/K[<</S/P/P 19 0 R/Pg 3 0 R/K 0>><</S/Figure/P 19 0 R/Pg 3 0 R/K 1/Alt(a photo)>>]>>',
      stream('/Type/EmbeddedFile/Subtype/image#2Fjpeg', picture),
      '<</Type/OCG/Name(Layer)>>',
      stream('/Type/Metadata/Subtype/XML', '<?xpacket begin=""?><x:xmpmeta/>'.padEnd(300)),
      '<</Type/Outlines/First 25 0 R/Last 25 0 R/Count 1>>',
      stream('/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode', deflateSync('')),
      '<</Title(Photo)/Parent 23 0 R/A<</S/GoTo/D[3 0 R/XYZ 0 0 2]>>/C[1 0 0]/F 2>>',
    ],
    { ...layout, trailer: '/Info<</Title(A form)/Producer(x)>>/ID[<00><01>]' },
  );
}

const isImage = (line: string) => line.includes('/Subtype /Image');

describe('what a PDF has beside an image', () => {
  const layouts: PdfLayout[] = [{}, { kind: 'stream', packed: [1, 7, 10] }];
  for (const layout of layouts)
    for (const fidelity of FIDELITIES)
      it(`stays with it, ${fidelity}, read by another library (${'kind' in layout ? 'packed' : 'plain'})`, async () => {
        const bytes = await formWith(layout);
        const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity });
        assert.ok(outcome.status === 'done', JSON.stringify(outcome));
        const { data } = outcome.outputs[0]!;
        const [before, after] = [await dumpPdf(bytes), await dumpPdf(data)];
        assert.deepEqual(
          after.filter((line) => !isImage(line)),
          before.filter((line) => !isImage(line)),
        );
        const [image, result] = [before.find(isImage)!, after.find(isImage)!];
        assert.ok(result.length < image.length, 'the image is not smaller');
        const drawn = drawPdf(bytes);
        if (drawn && fidelity === 'lossless')
          assert.ok(drawPdf(data)!.equals(drawn), 'poppler draws another page');
      });
});
