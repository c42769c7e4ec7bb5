/** The page of a study in a real browser: one viewer's way through practice, trials, a reload and thanks. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseStudy } from '../../metric/train/study/study-export.ts';
import { type OpenBrowser, openBrowser } from '../browser.ts';
import { pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { runProgram, type Server, startServer, temporaryFolder } from './start-server.ts';

/** Of the browser: known inside of what is handed to `evaluate`. */
// biome-ignore lint/suspicious/noExplicitAny: the compiler knows no browser here.
declare const document: any;
declare const innerWidth: number;

let opened: OpenBrowser | undefined;
let server: Server | undefined;
// Hooks run in this order: nothing may be at work in the folders that are removed after it.
after(async () => {
  await opened?.close();
  await server?.end('SIGTERM');
});

// First, because without one there is nothing to begin.
opened = await openBrowser();
const { browser } = opened;

const dataDir = await temporaryFolder();
const study = (...args: string[]) => runProgram(['study', ...args], { DATA_DIR: dataDir });

const photos = join(await temporaryFolder(), 'photos');
mkdirSync(photos);
writeFileSync(join(photos, 'hills.png'), await pngFile(photo(300, 270, 6)));
const wish = ['--levels', '1,2', '--formats', 'jpeg', '--side', '260', '--name', 'Hills & <b>'];
const made = await study('create', photos, ...wish);
const id = made.stdout.trim().slice(-32);
server = await startServer(dataDir);
const { url } = server;

/** Eight checks and two candidates, practice aside. */
const TRIALS = 10;

/** What the page complained of. */
const complaints: string[] = [];

const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, deviceScaleFactor: 2 });
const page = await context.newPage();
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
page.on('pageerror', (error) => complaints.push(error.message));

const visible = (selector: string) => page.waitForSelector(`${selector}:not([hidden]):not([disabled])`);
const textOf = async (selector: string) => ((await page.textContent(selector)) ?? '').trim();

const countIs = (trial: number) =>
  page.locator('#count', { hasText: new RegExp(`^${trial} of ${TRIALS}$`) }).waitFor();

/** Waits until an answer is taken: both images have been seen by then. */
const atQuestion = () => visible('#same');

/** What the canvas shows, over two seconds: each distinct picture by a letter, in the order of appearance. */
function watch(): Promise<string> {
  return page.evaluate(async () => {
    const canvas = document.querySelector('canvas')!;
    const seen: string[] = [];
    let order = '';
    for (const end = performance.now() + 2000; performance.now() < end; ) {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let at = 0; at < data.length; at++) sum = (sum * 31 + data[at]!) >>> 0;
      if (!seen.includes(String(sum))) seen.push(String(sum));
      const letter = 'abcdefgh'[seen.indexOf(String(sum))]!;
      if (!order.endsWith(letter)) order += letter;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return order;
  });
}

const focusedPart = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));

const exported = async () => parseStudy((await study('export', id)).stdout);

test('the introduction says what is coming, by the name of the study and as text', async () => {
  await page.goto(`${url}/study/${id}`);
  await visible('#intro');
  assert.equal(await textOf('#name'), 'Hills & <b>');
  assert.equal(await page.title(), 'Hills & <b>');
  assert.equal(await textOf('#trials'), String(TRIALS));
  assert.match(await textOf('#warning'), /two times a second.*WCAG 2\.3\.1/s);
  assert.equal(await page.locator('#motion').isVisible(), false);
});

test('a damaged pair flickers between two pictures, each pixel on one of the screen', async () => {
  await page.click('#start');
  await atQuestion();
  assert.equal(await textOf('#count'), 'Practice 1 of 3');
  const order = await watch();
  assert.match(order, /^(ab){2,}a?$/, 'two pictures by turns, and no third');
  const sizes = await page.evaluate(() => {
    const canvas = document.querySelector('canvas')!;
    const { width, height, left, top } = canvas.getBoundingClientRect();
    return [canvas.width, canvas.height, width * 2, height * 2, (left * 2) % 1, (top * 2) % 1];
  });
  assert.deepEqual(sizes, [260, 260, 260, 260, 0, 0]);
});

test('practice tells what was right: the place of damage, and that identical pairs do not differ', async () => {
  await page.keyboard.press('s');
  await visible('#next');
  assert.equal(await textOf('#question'), 'Look again.');
  assert.match(await textOf('#hint'), /^It changes here: /);
  assert.equal(await page.locator('#parts .told').count(), 1);
  await page.keyboard.press('Enter');
  await atQuestion();
  assert.equal(await watch(), 'a', 'an identical pair does not flicker');
  await page.keyboard.press('s');
  await visible('#next');
  assert.equal(await textOf('#question'), 'Right.');
  assert.match(await textOf('#hint'), /identical/);
  await page.click('#next');
});

test('the part is picked with the arrow keys, and Escape goes back to the question', async () => {
  await atQuestion();
  await page.keyboard.press('d');
  await visible('#parts');
  assert.equal(await focusedPart(), 'middle');
  await page.keyboard.press('Escape');
  await visible('#same');
  await page.keyboard.press('d');
  await visible('#parts');
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
  assert.equal(await focusedPart(), 'top left');
  await page.keyboard.press('Enter');
  await visible('#next');
  await page.keyboard.press('Enter');
  await visible('#go');
  assert.equal(await textOf('#title'), 'Now for real');
  assert.equal((await exported()).answers.length, 0);
});

test('an answer by keys and one by clicks are stored as they were given, and nothing is told', async () => {
  await page.keyboard.press('Enter');
  await atQuestion();
  assert.equal(await textOf('#count'), `1 of ${TRIALS}`);
  await page.keyboard.press('s');
  await countIs(2);
  await atQuestion();
  await page.click('#different');
  await page.click('#parts button:nth-child(6)');
  await countIs(3);
  const { answers, viewers } = await exported();
  assert.deepEqual(
    answers.map(({ answer, part }) => [answer, part]),
    [
      ['same', null],
      ['different', 5],
    ],
  );
  assert.ok(answers.every(({ tookMs }) => tookMs >= 500));
  assert.equal(viewers[0]!.display.devicePixelRatio, 2);
});

test('a pause hides the pictures, and a reload goes on where it stopped', async () => {
  await atQuestion();
  await page.keyboard.press('d');
  await visible('#parts');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('p');
  await visible('#go');
  assert.equal(await page.locator('canvas').isVisible(), false);
  await page.keyboard.press('p');
  await visible('#parts');
  assert.equal(await focusedPart(), 'bottom', 'what was being pointed at still is');
  await page.reload();
  await visible('#intro');
  assert.match(await textOf('#start'), /where you stopped/);
  await page.click('#start');
  await atQuestion();
  assert.equal(await textOf('#count'), `3 of ${TRIALS}`);
});

test('what the server does not answer is sent again until it does', async () => {
  let failures = 0;
  await page.route('**/answers/*', (route) => (failures++ < 1 ? route.abort() : route.continue()));
  await page.keyboard.press('s');
  await visible('#trouble');
  await countIs(4);
  await page.unroute('**/answers/*');
  assert.equal(await page.locator('#trouble').isVisible(), false);
  assert.equal((await exported()).answers.length, 3);
});

test('what the server says of a refusal that may pass is shown until it has passed', async () => {
  const json = { detail: 'This study is full.' };
  const own = await browser.newPage();
  await own.route('**/viewers/*', (route) => route.fulfill({ status: 503, json }));
  await own.goto(`${url}/study/${id}`);
  await own.locator('#trouble', { hasText: 'This study is full. Trying again…' }).waitFor();
  await own.unroute('**/viewers/*');
  await own.waitForSelector('#intro:not([hidden])');
  assert.equal(await own.locator('#trouble').isVisible(), false);
  await own.close();
});

test('at the end there are thanks and no scores, and coming back changes nothing', async () => {
  for (let trial = 4; trial <= TRIALS; trial++) {
    await atQuestion();
    assert.equal(await textOf('#count'), `${trial} of ${TRIALS}`);
    await page.keyboard.press('s');
    if (trial < TRIALS) await countIs(trial + 1);
  }
  await page.locator('#title', { hasText: 'Thank you' }).waitFor();
  assert.doesNotMatch(await page.innerText('body'), /\d/);
  await page.reload();
  await page.locator('#title', { hasText: 'Thank you' }).waitFor();
  assert.equal((await exported()).answers.length, TRIALS);
  assert.deepEqual(
    complaints.filter((text) => !/ERR_FAILED/.test(text)),
    [],
  );
});

test('an unknown study and a closed one say so on the page', async () => {
  await page.goto(`${url}/study/${'0'.repeat(32)}`);
  await page.locator('#title', { hasText: 'This study cannot be shown' }).waitFor();
  assert.match(await textOf('#text'), /no study at this address/);
  await study('close', id);
  await page.goto(`${url}/study/${id}`);
  await page.locator('#title', { hasText: 'This study cannot be shown' }).waitFor();
  assert.match(await textOf('#text'), /closed/);
});

test('whose device asks for less motion is told that there will be some', async () => {
  const fresh = await study(
    'create',
    photos,
    '--levels',
    '1',
    '--formats',
    'jpeg',
    '--side',
    '200',
    '--trials',
    '12',
  );
  const still = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 390, height: 700 },
  });
  const own = await still.newPage();
  await own.goto(`${url}/study/${fresh.stdout.trim().slice(-32)}`);
  await own.waitForSelector('#motion:not([hidden])');
  assert.equal(
    await own.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    true,
    'nothing sticks out',
  );
  await still.close();
});
