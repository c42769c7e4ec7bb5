/** `keeneye optimize --report` and `keeneye verify` as processes: a proof that is made, checked and broken. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { report as reportSchema } from '../../src/dialects/native/schema.ts';
import { createSigner, keyId, makePrivateKey } from '../../src/lib/signature.ts';
import { gifAnimation, overlapping } from '../images/animated-gif.ts';
import { deepPng, jpegFile, pngFile } from '../images/files.ts';
import { pdfFile, pdfPicture } from '../images/pdf.ts';
import { logo, photo, slope } from '../images/pixels.ts';
import { filesIn, folderWith, jsonLines, keeneye, remove } from './program.test-support.ts';

const folder = folderWith({
  'photo.jpg': await jpegFile(photo(300, 200), { quality: 96 }),
  'other.jpg': await jpegFile(photo(300, 200, 7), { quality: 96 }),
  'logo.png': await pngFile(logo(120, 120)),
  'sky.png': await deepPng(slope(240, 200)),
  'scan.pdf': Buffer.from(await pdfFile({ picture: pdfPicture() })),
  'text.json': 'no report',
  'list.json': '[]',
});
after(() => remove(folder));

const ADA = { XDG_CONFIG_HOME: join(folder, 'config-of-ada') };
const BOB = { XDG_CONFIG_HOME: join(folder, 'config-of-bob') };
const run = (...args: string[]) => keeneye(args, folder, ADA);
const readJson = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const write = (name: string, value: unknown) =>
  writeFileSync(join(folder, name), JSON.stringify(value, null, 1));
const failing = (ended: Awaited<ReturnType<typeof run>>) =>
  jsonLines(ended)[0]
    .checks.filter(({ passed }: { passed: boolean }) => !passed)
    .map(({ name }: { name: string }) => name);

before(async () => {
  const made = await run('optimize', 'photo.jpg', 'logo.png', '--format', 'same,webp', '--report', '--json');
  assert.equal(made.code, 0, made.stderr);
  for (const { outputs } of jsonLines(made).slice(0, -1))
    for (const { path, report } of outputs) assert.equal(report, `${path}.report.json`);
});

test('each output has a report of its own, as a server would write it but for the job', () => {
  const reports = filesIn(folder).filter((name) => name.endsWith('.report.json'));
  assert.deepEqual(reports, [
    'logo.optimized.png.report.json',
    'logo.webp.report.json',
    'photo.optimized.jpg.report.json',
    'photo.webp.report.json',
  ]);
  for (const name of reports) {
    const report = readJson(name);
    assert.deepEqual(reportSchema.omit({ job: true }).strict().parse(report), report);
    assert.equal(report.outputs.length, 1);
  }
});

test('the key is a file that its owner alone can read', () => {
  assert.equal(statSync(join(ADA.XDG_CONFIG_HOME, 'keeneye/report-key.pem')).mode & 0o777, 0o600);
});

test('a true report is valid, of a lossy and of a lossless result', async () => {
  for (const [original, optimized] of [
    ['photo.jpg', 'photo.webp'],
    ['logo.png', 'logo.optimized.png'],
  ] as const) {
    const { code, stdout, stderr } = await run('verify', `${optimized}.report.json`, original, optimized);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^ok {6}signature .*\n(ok .*\n)+The report is valid; whose key/);
  }
});

test('a true report is valid of a source of 16 bits, whatever its results have', async () => {
  const made = await run('optimize', 'sky.png', '--format', 'avif,webp', '--report', '--json');
  assert.equal(made.code, 0, made.stderr);
  const [avif, webp] = jsonLines(made)[0].outputs;
  assert.ok(avif.score > webp.score, `${avif.score} ${webp.score}`);
  for (const { path, report } of [avif, webp])
    assert.deepEqual(failing(await run('verify', report, 'sky.png', path, '--json')), []);
});

test('a true report is valid of a PDF, lossy and lossless, and names the image that scored lowest', async () => {
  for (const fidelity of ['lossy', 'lossless']) {
    const made = await run(
      'optimize',
      'scan.pdf',
      '--fidelity',
      fidelity,
      '--report',
      '--out',
      fidelity,
      '--json',
    );
    assert.equal(made.code, 0, made.stderr);
    const [{ path, report }] = jsonLines(made)[0].outputs;
    const { code, stdout, stderr } = await run('verify', report, 'scan.pdf', path);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^ok {6}worst tile .* of object \d+ on page 1\), as reported$/m);
    assert.equal(readJson(report).outputs[0].worstTile.image.page, 1);
  }
});

test('a true report is valid of a PDF whose images were made smaller', async () => {
  const dpi = ['--image-dpi', '100', '--fidelity', 'lossless'];
  const made = await run('optimize', 'scan.pdf', ...dpi, '--out', 'small', '--report', '--json');
  assert.equal(made.code, 0, made.stderr);
  const [{ path, report }] = jsonLines(made)[0].outputs;
  assert.deepEqual([readJson(report).options.imageDpi, readJson(report).floor], [100, 90]);
  assert.deepEqual(failing(await run('verify', report, 'scan.pdf', path, '--json')), []);
});

test('a JPEG that was resized without loss has a floor, which is held to', async () => {
  const made = await run(
    'optimize',
    'photo.jpg',
    '--fidelity',
    'lossless',
    '--width',
    '120',
    '--report',
    '--json',
  );
  assert.equal(made.code, 0, made.stderr);
  const [{ path, report, quality }] = jsonLines(made)[0].outputs;
  assert.deepEqual([readJson(report).floor, typeof quality], [90, 'number']);
  const { code, stdout } = await run('verify', report, 'photo.jpg', path);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ok +floor +90, held$/m);
});

test('an animation has to keep its pace and its frames, even where the report is signed', async () => {
  const shape = overlapping([1]);
  const source = gifAnimation({ ...shape, comment: 'x'.repeat(4000) });
  const slower = shape.frames.map((frame, at) => (at === 2 ? { ...frame, delay: 50 } : frame));
  const forged: [string, object, RegExp, string][] = [
    ['pace', { frames: slower }, /^FAILED +pace +Frame 3 stands for 0\.5 s instead of 0\.04 s$/m, 'slow'],
    ['pace', { repeats: 2 }, /^FAILED +pace +It plays 3 times instead of for ever$/m, 'thrice'],
    ['score', { frames: shape.frames.slice(0, 4) }, /^FAILED +score .* frames: 5 and 4\.$/m, 'short'],
  ];
  const place = folderWith({ 'moving.gif': source });
  const made = await keeneye(
    ['optimize', 'moving.gif', '--format', 'webp', '--report', '--json'],
    place,
    ADA,
  );
  assert.equal(made.code, 0, made.stderr);
  const verify = (...args: string[]) => keeneye(['verify', ...args], place, ADA);
  const own = await verify('moving.webp.report.json', 'moving.gif', 'moving.webp');
  assert.equal(own.code, 0, own.stdout);
  assert.match(own.stdout, /^ok +pace +0\.2 s, for ever, as the original$/m);
  const { signature: _, ...report } = JSON.parse(
    readFileSync(join(place, 'moving.webp.report.json'), 'utf8'),
  );
  const signer = createSigner(makePrivateKey());
  for (const [name, change, line, file] of forged) {
    const bytes = gifAnimation({ ...shape, ...change });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const output = { ...report.outputs[0], format: 'gif', sha256, bytes: bytes.length };
    writeFileSync(join(place, `${file}.gif`), bytes);
    writeFileSync(join(place, `${file}.json`), JSON.stringify(signer.sign({ ...report, outputs: [output] })));
    const args = [`${file}.json`, 'moving.gif', `${file}.gif`];
    assert.match((await verify(...args)).stdout, line);
    assert.deepEqual(failing(await verify(...args, '--json')), [name]);
  }
  remove(place);
});

test('with a key set, the key has to be in it', async () => {
  const { signature } = readJson('photo.webp.report.json');
  write('ada.json', signature.jwk);
  await keeneye(['optimize', 'photo.jpg', '--report', '--out', 'by-bob'], folder, BOB);
  const bobs = readJson('by-bob/photo.jpg.report.json').signature;
  assert.notEqual(keyId(bobs.jwk), keyId(signature.jwk));
  write('both.json', { keys: [{ kty: 'RSA', n: '', e: '' }, { ...bobs.jwk, kid: 'any' }, signature.jwk] });
  const verify = (keys: string) =>
    run('verify', 'by-bob/photo.jpg.report.json', 'photo.jpg', 'by-bob/photo.jpg', '--json', '--keys', keys);
  assert.deepEqual(failing(await verify('both.json')), []);
  const refused = await verify('ada.json');
  assert.equal(refused.code, 1);
  assert.deepEqual(failing(refused), ['signer']);
});

test('a changed report and other files are found out, and the output says which', async () => {
  const report = readJson('photo.webp.report.json');
  write('better.json', { ...report, outputs: [{ ...report.outputs[0], score: 99 }] });
  write('unsigned.json', { ...report, signature: undefined });
  const verify = (...args: string[]) => run('verify', ...args, '--json');
  const expected: [string[], string[]][] = [
    [
      ['better.json', 'photo.jpg', 'photo.webp'],
      ['signature', 'score'],
    ],
    [['unsigned.json', 'photo.jpg', 'photo.webp'], ['signature']],
    [['photo.webp.report.json', 'other.jpg', 'photo.webp'], ['original']],
    [['photo.webp.report.json', 'photo.jpg', 'photo.optimized.jpg'], ['optimized']],
  ];
  for (const [files, names] of expected) {
    const ended = await verify(...files);
    assert.deepEqual([ended.code, failing(ended)], [1, names], files.join(' '));
    assert.equal(jsonLines(ended)[0].verdict, 'invalid');
  }
  assert.match(
    (await run('verify', 'unsigned.json', 'photo.jpg', 'photo.webp')).stdout,
    /^FAILED {2}signature/,
  );
});

test('what cannot be checked at all ends with 2 and one sentence that names the file', async () => {
  const report = 'photo.webp.report.json';
  write('half.json', { ...readJson(report), outputs: 'many' });
  write('later.json', { ...readJson(report), type: 'keeneye-report/2' });
  const wrong: [RegExp, string[]][] = [
    [/text\.json: It is not a report: it is not JSON/, ['text.json', 'photo.jpg', 'photo.webp']],
    [/list\.json: It is not a report/, ['list.json', 'photo.jpg', 'photo.webp']],
    [/half\.json: It is not a whole report/, ['half.json', 'photo.jpg', 'photo.webp']],
    [/later\.json: .* but of the type keeneye-report\/2/, ['later.json', 'photo.jpg', 'photo.webp']],
    [/missing\.jpg: no such file/, [report, 'missing.jpg', 'photo.webp']],
    [/text\.json: It is not a key set/, [report, 'photo.jpg', 'photo.webp', '--keys', 'text.json']],
    [/later\.json: It holds no Ed25519/, [report, 'photo.jpg', 'photo.webp', '--keys', 'later.json']],
    [/missing required argument/, [report, 'photo.jpg']],
  ];
  for (const [sentence, args] of wrong) {
    const { code, stdout, stderr } = await run('verify', ...args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^keeneye: [^\n]+\n$/);
    assert.match(stderr, sentence);
  }
});

test('a dry run writes no report and makes no key', async () => {
  const env = { XDG_CONFIG_HOME: join(folder, 'config-of-nobody') };
  const dry = await keeneye(['optimize', 'photo.jpg', '--report', '--dry-run', '--out', 'dry'], folder, env);
  assert.equal(dry.code, 0);
  assert.ok(!existsSync(join(folder, 'dry')) && !existsSync(env.XDG_CONFIG_HOME));
});

test('in place, the report stands beside the file that took the name, and is true of its backup', async () => {
  const place = folderWith({ 'photo.jpg': readFileSync(join(folder, 'photo.jpg')) });
  const made = await keeneye(['optimize', 'photo.jpg', '--in-place', '--backup', '--report'], place, ADA);
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(filesIn(place), ['photo.jpg', 'photo.jpg.orig', 'photo.jpg.report.json']);
  const checked = await keeneye(
    ['verify', 'photo.jpg.report.json', 'photo.jpg.orig', 'photo.jpg'],
    place,
    ADA,
  );
  assert.equal(checked.code, 0, checked.stdout);
  remove(place);
});

test('a report that cannot be written fails the file and leaves its output', async () => {
  const place = folderWith({
    'photo.jpg': readFileSync(join(folder, 'photo.jpg')),
    'photo.optimized.jpg.report.json/taken': '',
  });
  const { code, stderr } = await keeneye(['optimize', 'photo.jpg', '--report'], place, ADA);
  assert.equal(code, 1);
  assert.match(stderr, /cannot write photo\.optimized\.jpg\.report\.json: is a folder/);
  assert.ok(existsSync(join(place, 'photo.optimized.jpg')));
  remove(place);
});
