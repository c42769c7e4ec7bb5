import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { curves, DANGERS, svgFile, UNSEEN } from '../../test/images/drawings.ts';
import { pngFile } from '../../test/images/files.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Output } from './contract.ts';
import { decode } from './decode.ts';
import { gatedScore } from './gate.ts';
import { heatmap } from './heatmap.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';
import { readDrawing } from './svg/drawing.ts';
import { viewingSizes } from './svg/judge.ts';
import { render } from './svg/render.ts';

const FIGURE = svgFile(curves());

async function outputs(bytes: Uint8Array, over: Partial<OptimizeOptions> = {}): Promise<Output[]> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs;
}

async function reasonOf(bytes: Uint8Array, over: Partial<OptimizeOptions> = {}): Promise<string | null> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
  return outcome.status === 'declined' ? outcome.reason : null;
}

const textOf = ({ data }: Output) => Buffer.from(data).toString();

describe('a drawing made smaller', () => {
  it('passes the floor at both sizes, and says what comparing finds again', async () => {
    for (const floor of [90, 85, 60]) {
      const [output] = await outputs(FIGURE, { floor });
      assert.equal(output!.format, 'svg');
      assert.ok(output!.data.length < FIGURE.length * 0.8);
      const { score, worstTile, visibility } = await compare(FIGURE, output!.data, {
        limits: DEFAULT_LIMITS,
      });
      assert.deepEqual(
        { score, worstTile, visibility },
        { score: output!.score, worstTile: output!.worstTile, visibility: output!.visibility },
      );
      assert.ok(gatedScore(output!) >= floor);
      assert.deepEqual([output!.width, output!.height, output!.frames], [120, 80, 1]);
    }
  });

  it('shows every sample as before, at both sizes, where nothing may be lost', async () => {
    const [output] = await outputs(FIGURE, { fidelity: 'lossless' });
    assert.deepEqual([output!.quality, output!.score], [null, 100]);
    const [before, after] = [FIGURE, output!.data].map((bytes) => readDrawing(bytes, DEFAULT_LIMITS));
    for (const size of viewingSizes(before!))
      assert.ok(Buffer.from((await render(before!, size)).data).equals((await render(after!, size)).data));
  });

  it('is refused where rounding is seen, however small it is', async () => {
    const tiny = svgFile(
      '<g transform="scale(1000)"><path d="M 0.0123456 0.0123456 L 0.0987654 0.0223456 L 0.0523456 0.0723456 Z"/></g>',
    );
    const [output] = await outputs(tiny, { floor: 90 });
    const { score } = await compare(tiny, output!.data, { limits: DEFAULT_LIMITS });
    assert.ok(score >= 90);
  });

  it('is declined the second time', async () => {
    const [once] = await outputs(FIGURE, { fidelity: 'lossless' });
    assert.equal(await reasonOf(once!.data, { fidelity: 'lossless' }), 'already-optimal');
  });

  it('keeps its title, its names and its viewBox', async () => {
    const [output] = await outputs(
      svgFile(`<title>A figure</title><desc>Seen from above</desc><g id="front">${curves()}</g>`),
    );
    for (const kept of ['<title>A figure</title>', 'Seen from above', 'id="front"', 'viewBox="0 0 120 80"'])
      assert.ok(textOf(output!).includes(kept), kept);
  });

  it('loses metadata, or keeps it as the policy says', async () => {
    const file = svgFile(
      `<!-- Copyright Somebody --><metadata>by Somebody</metadata><!-- a note -->${curves()}`,
    );
    const kept = async (metadata: OptimizeOptions['metadata']) => {
      const text = textOf((await outputs(file, { metadata }))[0]!);
      return ['Copyright', 'by Somebody', 'a note'].filter((part) => text.includes(part));
    };
    assert.deepEqual(await kept('none'), []);
    assert.deepEqual(await kept('copyright'), ['Copyright', 'by Somebody']);
    assert.deepEqual(await kept('all'), ['Copyright', 'by Somebody', 'a note']);
  });

  it('carries nothing that was appended to it', async () => {
    const behind = (tail: string) => Buffer.concat([FIGURE, Buffer.from(tail)]);
    const [output] = await outputs(behind('<?php system($_GET[0]); ?>'));
    assert.doesNotMatch(textOf(output!), /php/);
    assert.equal(await reasonOf(behind('<script>alert(1)</script>')), 'corrupt');
  });

  it('stays packed where it was', async () => {
    const packed = gzipSync(FIGURE);
    const [output] = await outputs(packed);
    assert.ok(output!.data.length < packed.length);
    assert.ok(gunzipSync(output!.data).toString().startsWith('<svg'));
  });

  it('ignores a box to fit in, which any drawing does, and is not cropped', async () => {
    const [output] = await outputs(FIGURE, { resize: { width: 10, fit: 'inside' } });
    assert.equal(output!.width, 120);
    assert.equal(await reasonOf(FIGURE, { turn: '90' }), 'unsupported');
  });
});

describe('what a rendering does not show', () => {
  for (const [name, inside] of Object.entries(UNSEEN)) {
    it(`is left as it was: ${name}`, async () => {
      const file = svgFile(`\n  ${inside}\n  `);
      const [output] = await outputs(file, { gate: 'any' });
      const essential = inside.match(
        /<(script|animate|foreignObject|style|symbol|image|textPath)[\s\S]*?<\/\1>|<animate[^>]*>|<image[^>]*>|onclick="[^"]*"/,
      )![0];
      const normal = (text: string) => text.replace(/\s+(?=[\w-]+=)/g, ' ');
      assert.ok(normal(textOf(output!)).includes(normal(essential)), textOf(output!));
    });
  }

  it('goes where that was asked for, and the drawing then is as small as any', async () => {
    const dangerous = svgFile(Object.values(DANGERS).join('') + curves());
    const [output] = await outputs(dangerous, { sanitize: true });
    assert.doesNotMatch(textOf(output!), /evil/);
    assert.ok(textOf(output!).includes('<path'));
  });

  it('keeps a drawing from becoming pixels that would not show it', async () => {
    assert.equal(
      await reasonOf(svgFile(UNSEEN['an animation']!), { targets: ['png'] }),
      'would-lose-animation',
    );
    assert.equal(await reasonOf(svgFile(UNSEEN.HTML!), { targets: ['png'] }), 'unsupported');
    const [first] = await outputs(svgFile(UNSEEN['an animation']!), {
      targets: ['png'],
      frames: 'first',
      gate: 'any',
    });
    assert.equal(first!.format, 'png');
  });
});

describe('a drawing made of pixels', () => {
  it('is drawn in its own size, in every format that can hold it', async () => {
    const found = await outputs(FIGURE, { targets: ['same', 'png', 'webp', 'avif'], gate: 'any' });
    assert.deepEqual(
      found.map(({ format }) => format),
      ['svg', 'png', 'webp', 'avif'],
    );
    for (const { data, width, height, score } of found.slice(1)) {
      assert.deepEqual([width, height], [120, 80]);
      const compared = await compare(FIGURE, data, { limits: DEFAULT_LIMITS });
      assert.equal(compared.score, score);
    }
  });

  it('is drawn in the size that was asked for, never scaled', async () => {
    const [output] = await outputs(FIGURE, {
      targets: ['png'],
      fidelity: 'lossless',
      gate: 'any',
      resize: { width: 60, height: 60, fit: 'inside' },
    });
    const drawn = await render(readDrawing(FIGURE, DEFAULT_LIMITS), { width: 60, height: 40 });
    const shown = await decode(output!.data, DEFAULT_LIMITS);
    assert.ok(Buffer.from(shown.data).equals(drawn.data));
    const [cover] = await outputs(FIGURE, {
      targets: ['png'],
      gate: 'any',
      resize: { width: 300, height: 300, fit: 'cover' },
    });
    assert.deepEqual([cover!.width, cover!.height], [300, 300]);
  });

  it('compares with the drawing in whichever size it has', async () => {
    const drawing = readDrawing(FIGURE, DEFAULT_LIMITS);
    for (const width of [120, 240, 60]) {
      const size = { width, height: (width * 2) / 3 };
      const png = await pngFile(await render(drawing, size));
      for (const [a, b] of [
        [FIGURE, png],
        [png, FIGURE],
      ] as const) {
        const comparison = await compare(a, b, { limits: DEFAULT_LIMITS });
        assert.deepEqual(
          [comparison.score, comparison.width, comparison.height],
          [100, size.width, size.height],
        );
      }
    }
    const map = await decode(await heatmap(FIGURE, FIGURE, { limits: DEFAULT_LIMITS }), DEFAULT_LIMITS);
    assert.ok(map.width >= 120);
    const square = await pngFile(await render(drawing, { width: 90, height: 90 }));
    await assert.rejects(compare(FIGURE, square, { limits: DEFAULT_LIMITS }), { reason: 'unsupported' });
  });
});
