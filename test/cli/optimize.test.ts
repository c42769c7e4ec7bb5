/** `keeneye optimize` as a process: what it writes, what it leaves alone, what it says, how it ends. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jpegFile, pngFile, tiffFile } from '../images/files.ts';
import { logo, photo } from '../images/pixels.ts';
import { filesIn, folderWith, jsonLines, keeneye, remove } from './program.test-support.ts';

const PHOTO = await jpegFile(photo(200, 140), { quality: 97 });
const PHOTO_PNG = await pngFile(photo(200, 140));
const LOGO = await pngFile(logo(120, 120));
const SCAN = await tiffFile(logo(100, 100));

/** Runs a test in a folder with these files. */
async function inFolder(
  files: Record<string, Uint8Array | string>,
  run: (folder: string, read: (name: string) => Buffer) => Promise<void>,
): Promise<void> {
  const folder = folderWith(files);
  try {
    await run(folder, (name) => readFileSync(join(folder, name)));
  } finally {
    remove(folder);
  }
}

test('a photo gets a smaller sibling and is not touched itself', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder, read) => {
    const { code, stdout, stderr } = await keeneye(['optimize', 'photo.jpg'], folder);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(filesIn(folder), ['photo.jpg', 'photo.optimized.jpg']);
    assert.deepEqual(read('photo.jpg'), Buffer.from(PHOTO));
    assert.ok(read('photo.optimized.jpg').length < PHOTO.length);
    const [line, summary] = stdout.split('\n');
    assert.match(
      line!,
      /^photo\.jpg -> photo\.optimized\.jpg {2}.* kB -> .* kB \(-\d+\.\d %\) {2}jpeg q\d+ {2}score \d/,
    );
    assert.match(summary!, /^1 file: 1 optimized\. .* saved, .*Lowest score \d+\.\d\d\.$/);
  }));

test('another format takes the plain name, unless that is somebody else', () =>
  inFolder({ 'a.jpg': PHOTO, 'b.jpg': PHOTO, 'b.webp': 'mine' }, async (folder, read) => {
    const { code } = await keeneye(['optimize', 'a.jpg', 'b.jpg', '--format', 'webp'], folder);
    assert.equal(code, 0);
    assert.deepEqual(filesIn(folder), ['a.jpg', 'a.webp', 'b.jpg', 'b.optimized.webp', 'b.webp']);
    assert.equal(read('b.webp').toString(), 'mine');
  }));

test('a folder is searched, and laid out again under the output folder', () =>
  inFolder(
    { 'in/a.JPEG': PHOTO, 'in/deep/logo.png': LOGO, 'in/deep/notes.txt': 'no image' },
    async (folder) => {
      const { code } = await keeneye(['optimize', 'in', '--out', 'out/here'], folder);
      assert.equal(code, 0);
      assert.deepEqual(filesIn(join(folder, 'out')), ['here/a.JPEG', 'here/deep/logo.png']);
    },
  ));

for (const format of ['same', 'webp']) {
  test(`running it again over a folder adds nothing (format ${format})`, () =>
    inFolder({ 'in/a.jpg': PHOTO, 'in/scan.tif': SCAN }, async (folder) => {
      const args = ['optimize', 'in', '--format', format];
      assert.equal((await keeneye(args, folder)).code, 0);
      const once = filesIn(folder);
      assert.equal(once.length, 4);
      assert.equal((await keeneye(args, folder)).code, 0);
      assert.deepEqual(filesIn(folder), once);
    }));
}

test('a pattern in quotes is expanded', () =>
  inFolder({ 'in/a.jpg': PHOTO, 'in/logo.png': LOGO }, async (folder) => {
    await keeneye(['optimize', 'in/*.png', '--out', 'out'], folder);
    assert.deepEqual(filesIn(join(folder, 'out')), ['logo.png']);
  }));

test('sources that differ in their extension only do not overwrite each other', () =>
  inFolder({ 'in/photo.jpg': PHOTO, 'in/photo.png': PHOTO_PNG }, async (folder) => {
    const { code } = await keeneye(['optimize', 'in', '--format', 'webp', '--out', 'out'], folder);
    assert.equal(code, 0);
    assert.deepEqual(filesIn(join(folder, 'out')), ['photo.jpg.webp', 'photo.png.webp']);
  }));

test('two files of one name from two folders: the first is written, the second refused', () =>
  inFolder({ 'a/photo.jpg': PHOTO, 'b/photo.jpg': PHOTO }, async (folder) => {
    const { code, stderr } = await keeneye(
      ['optimize', 'a/photo.jpg', 'b/photo.jpg', '--out', 'out'],
      folder,
    );
    assert.equal(code, 1);
    assert.match(stderr, /^keeneye: b\/photo\.jpg: would get the same name as a\/photo\.jpg.*\n$/);
    assert.deepEqual(filesIn(join(folder, 'out')), ['photo.jpg']);
  }));

test('an output folder that holds the originals overwrites none of them', () =>
  inFolder({ 'a.jpg': PHOTO, 'sub/a.jpg': PHOTO }, async (folder, read) => {
    await keeneye(['optimize', 'a.jpg', '--out', '.'], folder);
    await keeneye(['optimize', 'a.jpg', 'sub', '--out', 'sub'], folder);
    for (const name of ['a.jpg', 'sub/a.jpg']) assert.deepEqual(read(name), Buffer.from(PHOTO));
  }));

test('several formats make one output each', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder) => {
    const run = await keeneye(['optimize', 'photo.jpg', '--format', 'same,webp,avif', '--json'], folder);
    const { outputs } = jsonLines(run)[0];
    const paths = outputs.map(({ path }: { path: string }) => path).sort();
    assert.deepEqual(paths, ['photo.avif', 'photo.optimized.jpg', 'photo.webp']);
    assert.deepEqual(filesIn(folder), [...paths, 'photo.jpg'].sort());
  }));

test('in place needs a backup', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder, read) => {
    const { code, stdout, stderr } = await keeneye(['optimize', 'photo.jpg', '--in-place'], folder);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^keeneye: --in-place needs --backup .*\n$/);
    assert.deepEqual(read('photo.jpg'), Buffer.from(PHOTO));
  }));

test('in place replaces the original, keeps its mode and its backup, and passes over it the next time', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder, read) => {
    chmodSync(join(folder, 'photo.jpg'), 0o604);
    const args = ['optimize', '--in-place', '--backup', 'photo.jpg'];
    assert.equal((await keeneye(args, folder)).code, 0);
    assert.deepEqual(filesIn(folder), ['photo.jpg', 'photo.jpg.orig']);
    assert.deepEqual(read('photo.jpg.orig'), Buffer.from(PHOTO));
    const result = read('photo.jpg');
    assert.ok(result.length < PHOTO.length);
    assert.equal(statSync(join(folder, 'photo.jpg')).mode & 0o777, 0o604);
    const again = await keeneye(args, folder);
    assert.equal(again.code, 0);
    assert.match(
      again.stdout,
      /^photo\.jpg {2}skipped: its backup photo\.jpg\.orig exists already\n1 file: 1 skipped\.\n$/,
    );
    assert.deepEqual(read('photo.jpg'), result);
    assert.deepEqual(read('photo.jpg.orig'), Buffer.from(PHOTO));
  }));

test('in place with another format moves the original to its backup', () =>
  inFolder({ 'in/scan.tif': SCAN }, async (folder, read) => {
    const args = ['optimize', 'in', '--in-place', '--backup-dir', 'kept', '--format', 'webp'];
    assert.equal((await keeneye(args, folder)).code, 0);
    assert.deepEqual(filesIn(folder), ['in/scan.webp', 'kept/scan.tif']);
    assert.deepEqual(read('kept/scan.tif'), Buffer.from(SCAN));
  }));

test('in place never takes a name that is in use', () =>
  inFolder({ 'scan.tif': SCAN, 'scan.webp': 'mine' }, async (folder, read) => {
    const { code, stderr } = await keeneye(
      ['optimize', 'scan.tif', '--in-place', '--backup', '--format', 'webp'],
      folder,
    );
    assert.equal(code, 1);
    assert.match(stderr, /scan\.webp exists already/);
    assert.deepEqual(filesIn(folder), ['scan.tif', 'scan.webp']);
    assert.equal(read('scan.webp').toString(), 'mine');
  }));

test('JSON says at full precision what was written', () =>
  inFolder({ 'photo.jpg': PHOTO, 'broken.jpg': PHOTO.subarray(0, 900) }, async (folder, read) => {
    const run = await keeneye(['optimize', 'photo.jpg', 'broken.jpg', '--out', 'out', '--json'], folder);
    assert.deepEqual([run.code, run.stderr], [1, '']);
    const [done, failed, { summary }] = jsonLines(run);
    const [output] = done.outputs;
    const written = read('out/photo.jpg');
    assert.deepEqual(
      [done.file, done.status, done.backup, output.path],
      ['photo.jpg', 'done', null, 'out/photo.jpg'],
    );
    assert.deepEqual(done.input, {
      format: 'jpeg',
      bytes: PHOTO.length,
      width: 200,
      height: 140,
      sha256: createHash('sha256').update(PHOTO).digest('hex'),
      orientation: 1,
    });
    assert.equal(output.bytes, written.length);
    assert.equal(output.sha256, createHash('sha256').update(written).digest('hex'));
    assert.ok(output.score >= 85 && output.worstTile.score >= 85);
    assert.ok(output.quality > 0 && output.evaluations > 0 && output.encoder.length > 0);
    assert.deepEqual([failed.file, failed.status, failed.reason], ['broken.jpg', 'failed', 'corrupt']);
    assert.equal(summary.bytesSaved, PHOTO.length - written.length);
    assert.equal(summary.lowestScore, output.score);
    const { files, done: doneCount, declined, skipped, failed: failedCount } = summary;
    assert.deepEqual([files, doneCount, declined, skipped, failedCount], [2, 1, 0, 0, 1]);
  }));

test('a dry run says the same and writes nothing', () =>
  inFolder({ 'photo.jpg': PHOTO, 'logo.png': LOGO }, async (folder) => {
    const args = ['optimize', 'photo.jpg', 'logo.png', '--format', 'webp', '--json'];
    const dry = jsonLines(await keeneye([...args, '--dry-run'], folder));
    assert.deepEqual(filesIn(folder), ['logo.png', 'photo.jpg']);
    const wet = jsonLines(await keeneye(args, folder));
    assert.deepEqual(dry.slice(0, 2), wet.slice(0, 2));
    assert.deepEqual([dry[2].summary.dryRun, wet[2].summary.dryRun], [true, false]);
  }));

test('the number of jobs changes neither results nor their order', () =>
  inFolder({ 'a.png': PHOTO_PNG, 'b.png': LOGO, 'c.jpg': PHOTO, 'd.tif': SCAN }, async (folder) => {
    const run = async (jobs: string) =>
      jsonLines(await keeneye(['optimize', '.', '--json', '--dry-run', '--jobs', jobs], folder)).slice(0, -1);
    assert.deepEqual(await run('1'), await run('4'));
  }));

test('what cannot be gained is declined with its reason, and that is no error', () =>
  inFolder({ 'logo.png': LOGO }, async (folder, read) => {
    await keeneye(['optimize', 'logo.png', '--fidelity', 'lossless', '--in-place', '--backup'], folder);
    writeFileSync(join(folder, 'small.png'), read('logo.png'));
    const { code, stdout } = await keeneye(
      ['optimize', 'small.png', '--fidelity', 'lossless', '--out', 'out'],
      folder,
    );
    assert.equal(code, 0);
    assert.match(stdout, /^small\.png {2}declined, (no-gain|already-optimal): .*\n1 file: 1 declined\.\n$/);
    assert.ok(!filesIn(folder).some((name) => name.startsWith('out')));
  }));

test('each file that cannot be read is one line, and the others are done', () =>
  inFolder(
    { 'ok.jpg': PHOTO, 'empty.jpg': '', 'text.jpg': 'Dear reader', 'cut.jpg': PHOTO.subarray(0, 2000) },
    async (folder) => {
      const names = ['missing.jpg', 'empty.jpg', 'text.jpg', 'cut.jpg', 'none/*.png', 'ok.jpg'];
      const { code, stdout, stderr } = await keeneye(['optimize', ...names, '--out', 'out'], folder);
      assert.equal(code, 1);
      const lines = stderr.trimEnd().split('\n');
      assert.equal(lines.length, 5);
      for (const name of names.slice(0, -1)) {
        const line = lines.find((text) => text.startsWith(`keeneye: ${name}: `));
        assert.ok(line && line.length < 200, `a line for ${name} in ${stderr}`);
      }
      assert.match(stdout, /6 files: 1 optimized, 5 failed\./);
      assert.deepEqual(filesIn(join(folder, 'out')), ['ok.jpg']);
    },
  ));

test('an unwritable destination fails file by file, without a stack', () =>
  inFolder(
    { 'photo.jpg': PHOTO, 'in/sub/a.jpg': PHOTO, 'out/sub': 'a file where a folder is needed' },
    async (folder) => {
      const { code, stderr } = await keeneye(['optimize', 'photo.jpg', 'in', '--out', 'out'], folder);
      assert.equal(code, 1);
      assert.match(stderr, /^keeneye: in\/sub\/a\.jpg: cannot write out\/sub\/a\.jpg: [^\n]+\n$/);
      assert.deepEqual(filesIn(join(folder, 'out')), ['photo.jpg', 'sub']);
    },
  ));

test('a folder without images is said to be one', () =>
  inFolder({ 'in/readme.txt': 'none' }, async (folder) => {
    const { code, stdout, stderr } = await keeneye(['optimize', 'in'], folder);
    assert.deepEqual(
      [code, stdout, stderr],
      [0, '0 files: nothing to do.\n', 'keeneye: in: no images here\n'],
    );
  }));

test('command lines that make no sense end with 2, one line, and nothing done', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder) => {
    const wrong = [
      ['optimize'],
      ['optimize', 'photo.jpg', '--nonsense'],
      ['optimize', 'photo.jpg', '--fidelity', 'perfect'],
      ['optimize', 'photo.jpg', '--format', 'webp,bmp'],
      ['optimize', 'photo.jpg', '--format', ''],
      ['optimize', 'photo.jpg', '--floor', '99'],
      ['optimize', 'photo.jpg', '--floor', 'high'],
      ['optimize', 'photo.jpg', '--jobs', '0'],
      ['optimize', 'photo.jpg', '--jobs', '1.5'],
      ['optimize', 'photo.jpg', '--metadata', 'some'],
      ['optimize', 'photo.jpg', '--backup'],
      ['optimize', 'photo.jpg', '--accept', 'webp', '--format', 'png'],
      ['optimize', 'photo.jpg', '--in-place', '--backup', '--out', 'out'],
      ['optimize', 'photo.jpg', '--in-place', '--backup', '--format', 'webp,avif'],
      ['optimize', 'photo.jpg', '--out', 'photo.jpg'],
    ];
    for (const args of wrong) {
      const { code, stdout, stderr } = await keeneye(args, folder);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^keeneye: [^\n]+\n(\(Did you mean [^\n]+\n)?$/, args.join(' '));
    }
    assert.deepEqual(filesIn(folder), ['photo.jpg']);
  }));

test('a photo is cropped, resized and turned as told, and its report can be checked', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder) => {
    const change = ['--crop', '10,20,150,100', '--width', '60', '--height', '60', '--fit', 'cover'];
    const told = [...change, '--gravity', 'left', '--turn', '90', '--effort', 'fast', '--format', 'webp'];
    const ended = await keeneye(['optimize', 'photo.jpg', '--report', '--json', ...told], folder);
    const [{ outputs }] = jsonLines(ended);
    assert.deepEqual([outputs[0].width, outputs[0].height, outputs[0].frames], [60, 60, 1]);
    const { code } = await keeneye(['verify', outputs[0].report, 'photo.jpg', 'photo.webp'], folder);
    assert.equal(code, 0);
  }));

test('options that lack those that they go with are refused', () =>
  inFolder({ 'photo.jpg': PHOTO }, async (folder) => {
    for (const [flags, complaint] of [
      [['--fit', 'cover'], /--fit goes with --width/],
      [['--width', '9', '--gravity', 'smart'], /--gravity goes with --fit cover/],
      [['--crop', '1,2,3'], /x,y,width,height/],
      [['--background', 'white'], /colour such as ffffff/],
    ] as const) {
      const { code, stderr } = await keeneye(['optimize', 'photo.jpg', ...flags], folder);
      assert.equal(code, 2);
      assert.match(stderr, complaint);
    }
  }));
