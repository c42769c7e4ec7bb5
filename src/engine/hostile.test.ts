import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { crowdedFiles } from '../../test/images/crowded.ts';
import { jpegFile, jpegWith, pngFile, pngWith, webpFile } from '../../test/images/files.ts';
import { heicFile } from '../../test/images/heic.ts';
import { type HostileFormat, hostileFormats } from '../../test/images/hostile.ts';
import { photo, screenshot } from '../../test/images/pixels.ts';
import { circularExif, circularTiff } from '../../test/images/tiff-directories.ts';
import { NOTHING_EMBEDDED } from './codecs/header.ts';
import { formatOfFile } from './codecs/sniff.ts';
import { embedInWebp } from './codecs/webp/chunks.ts';
import { DEFAULT_OPTIONS, METADATA_POLICIES, type Outcome, type Reason } from './contract.ts';
import { createPool } from './pool.ts';

/** What a crash, a hang or a gigabyte would end as an `EngineFailure`. */
const pool = createPool({ size: 1, jobTimeoutMs: 60_000, memoryBytes: 1 << 30, jobsPerChild: 50 });
after(() => pool.close());

const FORMATS = await hostileFormats();
const TAILS = [
  Buffer.from('<?php system($_GET[0]); ?>'.repeat(40)),
  Buffer.from('*/=1;fetch("/").then(eval)//'.repeat(40)),
  Buffer.from('PK\x03\x04\x14\0\0\0\0\0 a zip, read from its end PK\x05\x06'.repeat(20), 'latin1'),
];

/** @returns `done`, once every output was found to be what is said of it, or the reason why there is none. */
async function endOf(bytes: Uint8Array): Promise<'done' | Reason> {
  const outcome: Outcome = await pool.optimize(bytes, { ...DEFAULT_OPTIONS, effort: 'fast' });
  if (outcome.status === 'declined') {
    assert.match(outcome.detail, /^[A-Z].*\.$/);
    return outcome.reason;
  }
  for (const { data, score, width, height } of outcome.outputs) {
    assert.ok(data.length < bytes.length);
    assert.ok(TAILS.every((tail) => !Buffer.from(data).includes(tail)));
    const found = await pool.compare(bytes, data);
    assert.deepEqual([found.score, found.width, found.height], [score, width, height]);
  }
  return 'done';
}

async function endAs(allowed: ('done' | Reason)[], files: Uint8Array[]): Promise<void> {
  for (const [at, file] of files.entries()) {
    const end = await endOf(file);
    assert.ok(allowed.includes(end), `number ${at} ends as ${end}`);
  }
}

for (const [name, { whole, vast, lying, stuffed }] of Object.entries<HostileFormat>(FORMATS)) {
  describe(`a file that is meant ill: ${name}`, () => {
    it('shows what it showed, and carries nothing of what stands behind its end', async () => {
      const [instruction, ...texts] = TAILS.map((tail) => Buffer.concat([whole, tail]));
      await endAs(['done', 'no-gain', 'already-optimal'], [instruction!]);
      // Behind the root of XML there may be instructions, but no text.
      await endAs(name === 'svg' ? ['corrupt'] : ['done', 'no-gain', 'already-optimal'], texts);
    });

    it('is declined as damaged where its end is missing', async () => {
      const parts = [0.5, 0.9].map((share) => whole.subarray(0, Math.floor(whole.length * share)));
      await endAs(['corrupt'], parts);
    });

    it('is declined before anything is made for a size that no memory holds', async () => {
      await endAs(['too-large', 'corrupt'], vast);
    });

    it('is declined, or shows what it shows to others, where its size is not true', async () => {
      await endAs(['done', 'no-gain', 'already-optimal', 'below-floor', 'corrupt'], lying);
    });

    it('loses ten megabytes beside the picture, or is declined for them', async () => {
      await endAs(['done', 'no-gain', 'too-large', 'corrupt'], stuffed);
    });

    it('is taken for what its first bytes say, and declined where the rest is something else', async () => {
      const all = Object.values(FORMATS).map((other) => other.whole);
      const others = all.filter((other) => formatOfFile(other) !== formatOfFile(whole));
      const disguised = others.map((other) => Buffer.concat([other.subarray(0, 12), whole.subarray(12)]));
      await endAs(['unsupported', 'corrupt', 'too-large'], disguised);
    });
  });
}

describe('any file', () => {
  it('is no image where it is empty or a single byte', async () => {
    await endAs(['unsupported'], [new Uint8Array(), Uint8Array.of(0xff), Uint8Array.of(0)]);
  });

  it('with more parts than any program writes is declined by their number', async () => {
    for (const [parts, bytes] of Object.entries(await crowdedFiles())) {
      const outcome = await pool.optimize(bytes, DEFAULT_OPTIONS);
      assert.ok(outcome.status === 'declined', parts);
      assert.match(outcome.detail, / has more than \d+ (segments|chunks|boxes|images|numbers)\.$/);
    }
  });

  it('whose EXIF leads back to itself is read once, under every policy', async () => {
    const exif = circularExif();
    const files = [
      jpegWith(await jpegFile(photo(64, 48), { quality: 98 }), { exif }),
      pngWith(await pngFile(screenshot(64, 48)), [{ type: 'eXIf', data: exif }]),
      embedInWebp(await webpFile(photo(64, 48), { quality: 98 }), { ...NOTHING_EMBEDDED, exif }),
      heicFile({ exif }),
      await circularTiff(),
    ];
    for (const metadata of METADATA_POLICIES)
      for (const bytes of files) {
        const outcome = await pool.optimize(bytes, { ...DEFAULT_OPTIONS, metadata, effort: 'fast' });
        const end = outcome.status === 'declined' ? outcome.reason : 'done';
        assert.ok(['done', 'no-gain', 'already-optimal'].includes(end), `${end} with ${metadata}`);
      }
  });
});
