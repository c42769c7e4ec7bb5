import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_OPTIONS, GLOSSY_FLOOR } from '../engine/contract.ts';
import { describeOptions, resolveOptions } from './options.ts';

const DEFAULTS = { floor: 80, maxPixels: 1000, jobTimeMs: 60_000 };

test('what a submission leaves out gets the default of the server, not of the engine', () => {
  const options = resolveOptions({ options: {}, accept: 'smaller' }, DEFAULTS);
  assert.equal(options.floor, 80);
  assert.equal(options.limits.maxPixels, 1000);
  assert.deepEqual(options.targets, DEFAULT_OPTIONS.targets);
  assert.deepEqual(options.accept, DEFAULT_OPTIONS.accept);
  assert.equal('quality' in options || 'resize' in options, false);
});

test('a glossy submission has the floor of its kind unless it names one', () => {
  const glossy = (floor?: number) =>
    resolveOptions({ options: { fidelity: 'glossy', floor }, accept: 'smaller' }, DEFAULTS).floor;
  assert.equal(glossy(), GLOSSY_FLOOR);
  assert.equal(glossy(70), 70);
});

test('what a submission says is what the engine is told, and can be read back', () => {
  const said = {
    targets: ['same', 'webp'] as const,
    formats: ['webp'] as const,
    fidelity: 'lossy' as const,
    floor: 70,
    metadata: 'all' as const,
    cmyk: 'keep' as const,
    effort: 'fast' as const,
    upright: true,
    sanitize: true,
    crop: { x: 1, y: 2, width: 30, height: 40 },
    resize: { width: 20, fit: 'cover' as const },
    quality: 60,
  };
  const options = resolveOptions(
    { options: { ...said, targets: [...said.targets, 'webp'], formats: [...said.formats] }, accept: 'any' },
    DEFAULTS,
  );
  assert.equal(options.gate, 'any');
  assert.deepEqual(describeOptions(options), said);
});
