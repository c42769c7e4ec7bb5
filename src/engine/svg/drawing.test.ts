import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BOMBS, curves, DANGERS, svgFile, withDoctype } from '../../../test/images/drawings.ts';
import { DEFAULT_LIMITS, Decline } from '../contract.ts';
import { decode } from '../decode.ts';
import { inspect } from '../inspect.ts';
import { readDrawing } from './drawing.ts';
import { parseSvg } from './parse.ts';
import { render } from './render.ts';
import { sanitize } from './sanitize.ts';
import { writeSvg } from './write.ts';

const RED = '<rect width="60" height="80" fill="red"/>';

async function sizeOf(bytes: Uint8Array): Promise<[string, number, number]> {
  const { facts } = await inspect(bytes, DEFAULT_LIMITS);
  return [facts.format, facts.width, facts.height];
}

describe('a drawing', () => {
  it('is known whatever stands before it, in its encoding, packed or not', async () => {
    const plain = svgFile(RED);
    const text = Buffer.from(plain).toString();
    const files = [
      plain,
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- caf\xe9 -->${text}`, 'latin1'),
      Buffer.from(`<!-- ${'x'.repeat(3000)} -->${text}`),
      withDoctype('', RED),
      gzipSync(plain),
    ];
    for (const file of files) assert.deepEqual(await sizeOf(file), ['svg', 120, 80]);
  });

  it('has the size that CSS gives it', async () => {
    const sizes: Record<string, [number, number]> = {
      'width="1in" height="72pt"': [96, 96],
      'width="10mm" height="1cm"': [38, 38],
      'width="100%" height="100%" viewBox="0 0 24 12"': [24, 12],
      'width="48" viewBox="0 0 24 12"': [48, 24],
      'height="6" viewBox="0 0 24 12"': [12, 6],
      'width="9" height="9" style="width: 20px; height:30px"': [20, 30],
      'width="0" height="-4"': [300, 150],
      '': [300, 150],
    };
    for (const [attributes, size] of Object.entries(sizes))
      assert.deepEqual(await sizeOf(svgFile(RED, attributes)), ['svg', ...size], attributes);
  });

  it('is drawn in its own size, and in any other', async () => {
    const pixels = await decode(svgFile(RED), DEFAULT_LIMITS);
    assert.deepEqual([pixels.width, pixels.height, pixels.channels], [120, 80, 4]);
    assert.deepEqual([...pixels.data.subarray(0, 4)], [255, 0, 0, 255]);
    const drawing = readDrawing(svgFile(`<style>svg{width:7px!important}</style>${RED}`), DEFAULT_LIMITS);
    for (const width of [1, 2, 33, 240, 777]) {
      const height = Math.max(1, Math.round((width * 2) / 3));
      const shown = await render(drawing, { width, height });
      assert.deepEqual([shown.width, shown.height], [width, height]);
    }
    const inches = await decode(svgFile('<rect width="0.5in" height="80" fill="red"/>'), DEFAULT_LIMITS);
    assert.deepEqual([inches.data[47 * 4 + 3], inches.data[48 * 4 + 3]], [255, 0]);
  });

  it('may use the entities that it declares', async () => {
    const bytes = withDoctype(
      '<!-- it\'s ] --><!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY half "60"><!ENTITY red "#f&zero;&zero;"><!ENTITY zero "0">',
      '<g xmlns="&ns_svg;"><rect width="&half;" height="80" fill="&red;"/></g>',
    );
    const { data } = await decode(bytes, DEFAULT_LIMITS);
    assert.deepEqual([...data.subarray(0, 4)], [255, 0, 0, 255]);
  });

  it('is the same once it was written again', () => {
    const text =
      '<svg a="&lt;&quot;&#10;\'&amp;" b=\'"\'><text> x &lt; y &amp;<tspan/> ]]&gt; \u00fc</text><!--c--><?p i?><style><![CDATA[a > b]]></style></svg>';
    const once = parseSvg(text).root;
    assert.deepEqual(parseSvg(writeSvg(once)).root, once);
  });
});

describe('what asks for too much, or for what is not its own', () => {
  for (const [name, { bytes, reasons }] of Object.entries(BOMBS)) {
    it(`is refused before it is drawn: ${name}`, async () => {
      await assert.rejects(
        inspect(bytes(), DEFAULT_LIMITS),
        (error) => error instanceof Decline && reasons.includes(error.reason) && error.message.endsWith('.'),
      );
    });
  }

  it('is refused when it is packed small', async () => {
    const bomb = gzipSync(
      Buffer.concat([Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), Buffer.alloc(40 << 20, ' ')]),
    );
    assert.ok(bomb.length < 100_000);
    await assert.rejects(inspect(bomb, DEFAULT_LIMITS), { reason: 'too-large' });
  });

  it('is not endless where parts refer to themselves', async () => {
    const loop =
      '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g><pattern id="p" width="9" height="9"><rect width="9" height="9" fill="url(#p)"/></pattern><rect width="9" height="9" fill="url(#p)"/>';
    const outcome = await decode(svgFile(loop), DEFAULT_LIMITS).catch((error) => error);
    assert.ok(outcome instanceof Decline || outcome.width === 120);
  });

  it('is refused where an image in it is a bomb', async () => {
    const { pngBomb } = await import('../../../test/images/broken.ts');
    const href = `data:image/png;base64,${Buffer.from(pngBomb(30_000, 30_000)).toString('base64')}`;
    await assert.rejects(inspect(svgFile(`<image href="${href}" width="9" height="9"/>`), DEFAULT_LIMITS), {
      reason: 'too-large',
    });
  });
});

describe('a sanitized drawing', () => {
  for (const [name, inside] of Object.entries(DANGERS)) {
    it(`is free of ${name}, and still a drawing`, () => {
      const { root } = parseSvg(Buffer.from(svgFile(`${inside}${RED}`)).toString());
      const clean = writeSvg(sanitize(root));
      assert.doesNotMatch(clean, /evil|script|foreignObject|xml-stylesheet/i);
      assert.ok(clean.includes('fill="red"'));
      parseSvg(clean);
    });
  }

  it('keeps references into itself, its own images and plain styles', () => {
    const inside = `<style>.a{fill:url(#g)}</style><use href="#x"/><rect fill="url('#g')" style="mask:url(#m)"/><image href="data:image/png;base64,AAAA"/>`;
    const { root } = parseSvg(Buffer.from(svgFile(inside)).toString());
    assert.ok(writeSvg(sanitize(root)).includes(inside.replace("url('#g')", "url('#g')")));
  });

  it('is all that the renderer is given', () => {
    const inside = Object.values(DANGERS).join('');
    const { safe } = readDrawing(svgFile(`${inside}${RED}`), DEFAULT_LIMITS);
    assert.doesNotMatch(writeSvg(safe), /evil/);
  });
});

describe('bytes gone wrong', () => {
  it('give a drawing or a reason, never anything else', async () => {
    const whole = Buffer.from(svgFile(`${curves(3, 4)}<style>.a{fill:url(#g)}</style><text>a&amp;b</text>`));
    let state = 7;
    const next = (most: number) => {
      state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return state % most;
    };
    const pieces = [
      '<',
      '>',
      '"',
      '&',
      '/',
      '<!--',
      ']]>',
      '&#0;',
      'url(',
      '<svg>',
      '\0',
      '<!DOCTYPE x [',
      '%a;',
    ];
    for (let round = 0; round < 600; round++) {
      const at = next(whole.length);
      const piece = Buffer.from(pieces[next(pieces.length)]!);
      const broken =
        round % 3 === 0
          ? whole.subarray(0, at)
          : Buffer.concat([whole.subarray(0, at), piece, whole.subarray(at + next(9))]);
      const outcome = await decode(broken, DEFAULT_LIMITS).catch((error: Error) => error);
      assert.ok(outcome instanceof Decline || 'width' in outcome, `${outcome}`);
    }
  });
});
