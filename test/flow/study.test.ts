/** A study from end to end: made by the command line, taken part in over HTTP, closed, exported, deleted. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { parseStudy } from '../../metric/train/study/study-export.ts';
import { jpegFile, pngFile } from '../images/files.ts';
import { logo, photo } from '../images/pixels.ts';
import { runProgram, startProgram, startServer, temporaryFolder, until } from './start-server.ts';

const dataDir = await temporaryFolder();
const env = { DATA_DIR: dataDir, PUBLIC_URL: 'https://images.example.org' };
const study = (...args: string[]) => runProgram(['study', ...args], env);
const ADA = 'a'.repeat(32);
const BEN = 'b'.repeat(32);
const DISPLAY = {
  devicePixelRatio: 2,
  screenWidth: 1440,
  screenHeight: 900,
  windowWidth: 1400,
  windowHeight: 800,
};
const SAME = { answer: 'same', part: null, tookMs: 1234.5 };

const photos = join(await temporaryFolder(), 'photos');
mkdirSync(photos);
writeFileSync(join(photos, 'beach, =2.jpg'), await jpegFile(photo(360, 300, 5), { quality: 95 }));
writeFileSync(join(photos, 'hills.png'), await pngFile(photo(300, 320, 6)));
writeFileSync(join(photos, 'logo.png'), await pngFile(logo(300, 300)));
writeFileSync(join(photos, 'broken.jpg'), 'no image');
const wish = ['--levels', '0.5,2', '--formats', 'jpeg,webp', '--trials', '40', '--side', '240'];
const made = await study('create', photos, '--name', 'Harbour', ...wish, '--jobs', '1');
const link = made.stdout.trim();
const id = link.slice(-32);
const server = await startServer(dataDir);

const at = (path: string) => `${server.url}/study/${path}`;

async function put(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(at(path), { method: 'PUT', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function image(path: string): Promise<Buffer> {
  const response = await fetch(at(path));
  assert.equal(response.headers.get('content-type'), 'image/png');
  return Buffer.from(await response.arrayBuffer());
}

interface Shown {
  practice: boolean;
  answered: boolean;
  width: number;
  height: number;
}
const enrol = async (viewer: string) =>
  (await put(`${id}/viewers/${viewer}`, DISPLAY)).body.trials as Shown[];

/** The samples of a PNG, still filtered: equal for equal pixels of one encoder. */
function samplesOf(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let offset = 8; offset < png.length; offset += 12 + png.readUInt32BE(offset)) {
    const data = png.subarray(offset + 8, offset + 8 + png.readUInt32BE(offset));
    if (png.toString('latin1', offset + 4, offset + 8) === 'IDAT') parts.push(data);
  }
  return inflateSync(Buffer.concat(parts));
}

test('a study is made of what can be shown, and its link is all that goes to stdout', () => {
  assert.equal(made.code, 0, made.stderr);
  assert.match(link, /^https:\/\/images\.example\.org\/study\/[0-9a-f]{32}$/);
  assert.match(made.stderr, /broken\.jpg: .*not an image/);
  assert.match(made.stderr, /logo\.png: .*transparency/);
  assert.match(made.stderr, /2 images, 8 pairs; 16 trials for each viewer/);
});

test('the page and its files are served with a policy that lets nothing else in', async () => {
  const page = await fetch(at(id));
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type')!, /^text\/html/);
  assert.match(page.headers.get('content-security-policy')!, /default-src 'none'; script-src 'self'/);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  const html = await page.text();
  assert.doesNotMatch(html, /<script(?![^>]*src=)|style=|\son\w+=/);
  for (const [, file] of html.matchAll(/(?:href|src)="(page\/[^"]+)"/g)) {
    assert.equal((await fetch(at(file!))).status, 200, file);
  }
  assert.equal((await fetch(at('page/..%2f..%2fapp.ts'))).status, 404);
  assert.deepEqual(await (await fetch(at(`${id}/name`))).json(), { name: 'Harbour' });
});

test('unknown, malformed and unfinished requests are refused in words', async () => {
  const strange = 'c'.repeat(32);
  assert.equal((await fetch(at(`${strange}/name`))).status, 404);
  assert.equal((await put(`${strange}/viewers/${ADA}`, DISPLAY)).status, 404);
  assert.equal((await put(`${id}/viewers/ADA`, DISPLAY)).status, 404);
  assert.equal((await put(`${id}/viewers/${BEN}`, [])).status, 422);
  assert.equal((await put(`${id}/viewers/${BEN}`, { ...DISPLAY, screenWidth: 'wide' })).status, 422);
  assert.equal((await put(`${id}/viewers/${BEN}/answers/0`, SAME)).status, 404);
  assert.equal((await fetch(at(`${id}/viewers/${BEN}/images/0/0`))).status, 404);
  const large = { method: 'PUT', body: JSON.stringify({ ...DISPLAY, more: 'x'.repeat(5000) }) };
  assert.equal((await fetch(at(`${id}/viewers/${BEN}`), large)).status, 413);
  assert.equal((await fetch(at(`${id}/viewers/${BEN}`), { method: 'PUT', body: '{' })).status, 400);
  assert.equal((await fetch(at(`${id}/viewers/${BEN}`), { method: 'DELETE' })).status, 405);
});

test('a viewer who joins twice is one viewer, and is told nothing but sizes and what is practice', async () => {
  const trials = await enrol(ADA);
  assert.deepEqual(await enrol(ADA), trials);
  assert.equal(trials.length, 3 + 16);
  assert.deepEqual(Object.keys(trials[0]!).sort(), ['answered', 'height', 'practice', 'width']);
  assert.deepEqual(
    trials.map(({ practice }) => practice),
    trials.map((_, position) => position < 3),
  );
  assert.ok(trials.every(({ width, height, answered }) => width === 240 && height === 240 && !answered));
});

test('all images of a picture are equally large and never the same bytes; identical pairs have the same pixels', async () => {
  let identical = 0;
  const sizes = new Set<number>();
  for (let position = 3; position < 19; position++) {
    const [one, other] = await Promise.all(
      [0, 1].map((side) => image(`${id}/viewers/${ADA}/images/${position}/${side}`)),
    );
    assert.equal(one!.length, other!.length);
    sizes.add(one!.length);
    assert.notDeepEqual(one, other);
    assert.deepEqual(await image(`${id}/viewers/${ADA}/images/${position}/0`), one);
    identical += Number(samplesOf(one!).equals(samplesOf(other!)));
  }
  assert.equal(identical, 4);
  assert.equal(sizes.size, 2, 'there are two pictures');
});

test('of two answers to a trial the first one stays, and only practice tells what is right', async () => {
  const answers = `${id}/viewers/${ADA}/answers`;
  const practice = await put(`${answers}/0`, { answer: 'different', part: 0, tookMs: 2000 });
  const { answer, part } = practice.body.truth as { answer: string; part: number };
  assert.equal(answer, 'different');
  assert.ok(part >= 0 && part < 9);
  assert.deepEqual(await put(`${answers}/3`, { answer: 'different', part: 8, tookMs: 3000 }), {
    status: 200,
    body: { truth: null },
  });
  assert.equal((await put(`${answers}/3`, SAME)).status, 200);
  assert.equal((await put(`${answers}/4`, { answer: 'same', part: 3, tookMs: 10 })).status, 422);
  assert.equal((await put(`${answers}/4`, { answer: 'different', part: 9, tookMs: 10 })).status, 422);
  assert.equal((await put(`${answers}/19`, SAME)).status, 404);
  const exported = parseStudy((await study('export', id)).stdout);
  assert.equal(exported.answers.length, 1, 'practice is no answer');
  const { answeredAt: _at, pair: _pair, ...rest } = exported.answers[0]!;
  assert.deepEqual(rest, { viewer: 1, answer: 'different', part: 8, tookMs: 3000 });
  assert.ok((await enrol(ADA))[3]!.answered);
});

test('two viewers see the candidates in different orders, and all of them equally often', async () => {
  await enrol(BEN);
  for (const viewer of [ADA, BEN]) {
    for (let position = 0; position < 19; position++) {
      assert.equal((await put(`${id}/viewers/${viewer}/answers/${position}`, SAME)).status, 200);
    }
  }
  const exported = parseStudy((await study('export', link)).stdout);
  const orders = [1, 2].map((viewer) =>
    exported.answers.filter((each) => each.viewer === viewer).map(({ pair }) => pair),
  );
  assert.notDeepEqual(orders[0], orders[1]);
  const candidates = exported.pairs.filter(({ kind }) => kind === 'candidate');
  assert.equal(candidates.length, 8);
  for (const { pair } of candidates)
    assert.equal(exported.answers.filter((each) => each.pair === pair).length, 2);
  assert.ok(!JSON.stringify(exported).includes(id) && !JSON.stringify(exported).includes(ADA));
});

test('what was measured of each candidate is exported, near the levels that were asked for', async () => {
  const { pairs, design } = parseStudy((await study('export', id)).stdout);
  assert.deepEqual([design.levels, design.formats, design.side], [[0.5, 2], ['jpeg', 'webp'], 240]);
  for (const { measured, kind, damagedPart } of pairs) {
    assert.equal(measured !== null, kind === 'candidate');
    assert.equal(damagedPart !== null, kind === 'damaged');
    if (!measured) continue;
    const { jnd, iwssim } = measured.visibility;
    assert.ok(iwssim! > 0.9 && Math.min(Math.abs(jnd - 0.5), Math.abs(jnd - 2)) < 0.4, `${jnd}`);
    assert.equal(measured.parts.length, 9);
  }
});

test('as a table, each answer is a line, and names can neither break it nor become formulas', async () => {
  const { stdout } = await study('export', id, '--format', 'csv');
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 1 + 32);
  assert.match(lines[0]!, /^study,viewer,device_pixel_ratio,image,name,kind,/);
  assert.ok(lines.some((line) => line.includes(',"beach, =2.jpg",')));
});

test('a closed study takes no more, says so, and is still there to export', async () => {
  assert.equal((await study('close', id)).code, 0);
  const late = await put(`${id}/viewers/${'d'.repeat(32)}`, DISPLAY);
  assert.equal(late.status, 404);
  assert.match(String(late.body.detail), /closed/);
  assert.equal((await put(`${id}/viewers/${ADA}/answers/5`, SAME)).status, 404);
  assert.equal((await fetch(at(`${id}/viewers/${ADA}/images/5/0`))).status, 404);
  const [entry] = (await study('list', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { status, viewers, finished, answers, images, pairs, name } = entry;
  assert.deepEqual(
    [status, viewers, finished, answers, images, pairs, name],
    ['closed', 2, 2, 32, 2, 8, 'Harbour'],
  );
});

test('who interrupts the making of a study leaves none behind', async () => {
  const many = await temporaryFolder();
  const picture = await pngFile(photo(500, 500, 7));
  for (let copy = 0; copy < 20; copy++) writeFileSync(join(many, `${copy}.png`), picture);
  const making = startProgram(['study', 'create', many, '--jobs', '1'], env);
  await until(async () => ((await study('list', '--json')).stdout.includes('preparing') ? true : null));
  assert.equal(await making.end('SIGINT'), 130);
  assert.doesNotMatch((await study('list')).stdout, /preparing/);
});

test('a deleted study is gone, its answers with it', async () => {
  assert.equal((await study('delete', id)).code, 0);
  assert.equal((await study('list')).stdout, '');
  for (const verb of ['close', 'export', 'delete']) {
    const { code, stderr } = await study(verb, id);
    assert.deepEqual([code, stderr], [1, `keeneye: There is no study with the id ${id}.\n`]);
  }
  assert.equal((await fetch(at(`${id}/name`))).status, 404);
  assert.equal((await fetch(at(id))).status, 200, 'the page itself says that there is none');
  assert.equal(await server.end('SIGTERM'), 0);
});
