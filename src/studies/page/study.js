/** One viewer's way through a study: instructions, practice, trials, thanks. */
import { createFlicker, STANDS_MS } from './flicker.js';
import { createParts, nameOfPart } from './parts.js';
import { createServer, Refusal } from './server.js';

/** @typedef {import('./server.js').Trial} Trial */
/** @typedef {import('./server.js').Truth} Truth */

const SECONDS_A_TRIAL = 7;
/** Grey between two trials, so that one cannot be compared with the next. */
const BLANK_MS = 400;
/** Both images must have been seen before an answer is taken. */
const LEAST_LOOK_MS = 2 * STANDS_MS;
const QUESTION = 'Does anything change?';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));
/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const study = location.pathname.replace(/\/+$/, '');
const flicker = createFlicker(/** @type {HTMLCanvasElement} */ (element('canvas')), element('frame'));
const server = createServer(study, viewerId(), showTrouble);
const parts = createParts(element('parts'), (part) => act(`part ${part}`));

/** What the viewer does next goes to whoever waits for it. @type {(action: string) => void} */
let act = () => undefined;

run().catch((error) => {
  if (!(error instanceof Refusal)) console.error(error);
  const text = error instanceof Refusal ? error.message : 'This page does not work in your browser.';
  show('message', { title: 'This study cannot be shown', text });
});

async function run() {
  const { name } = await server.name();
  element('name').textContent = name;
  document.title = name;
  const { trials } = await server.join();
  const next = trials.findIndex(({ answered }) => !answered);
  if (next >= 0) {
    await introduce(trials, next);
    await goThrough(trials, next);
  }
  show('message', {
    title: 'Thank you',
    text: 'That was all. Your answers are stored, and you can close this page.',
  });
}

/**
 * @param {Trial[]} trials
 * @param {number} next
 */
async function introduce(trials, next) {
  const serious = trials.filter(({ practice }) => !practice).length;
  const left = trials.slice(next).length;
  element('trials').textContent = String(serious);
  element('minutes').textContent = `about ${Math.max(1, Math.round((left * SECONDS_A_TRIAL) / 60))} minutes`;
  element('motion').hidden = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (next > 0) button('start').textContent = 'Go on where you stopped';
  show('intro');
  await action(['start']);
}

/**
 * @param {Trial[]} trials
 * @param {number} first
 */
async function goThrough(trials, first) {
  const practices = trials.filter(({ practice }) => practice).length;
  let images = server.images(first);
  for (const [position, trial] of trials.entries()) {
    if (position < first || trial.answered) continue;
    const wasPractice = trials[position - 1]?.practice === true;
    if (wasPractice && !trial.practice && position > first) await endPractice();
    ask('', '', []);
    show('trial');
    showCount(trial, position, trials.length, practices);
    const pair = await images;
    if (position + 1 < trials.length) images = fetchAhead(position + 1);
    await oneTrial(trial, position, pair);
    for (const image of pair) image.close();
  }
}

/**
 * The next images are on their way while somebody looks; that they did not come is told when they are needed.
 * @param {number} position
 */
function fetchAhead(position) {
  const images = server.images(position);
  images.catch(() => undefined);
  return images;
}

async function endPractice() {
  show('message', {
    title: 'Now for real',
    text: 'From here on nobody tells you what is right. Many differences are very small, and some pairs do not differ at all.',
    go: 'Go on',
  });
  await action(['go', 'Enter']);
}

/**
 * @param {Trial} trial
 * @param {number} position
 * @param {ImageBitmap[]} pair
 */
async function oneTrial(trial, position, pair) {
  await sleep(BLANK_MS);
  flicker.show(pair);
  const watch = startWatch();
  ask(QUESTION, hintOnSize(), []);
  await sleep(LEAST_LOOK_MS);
  const answer = await decide(watch);
  const { truth } = await server.answer(position, { ...answer, tookMs: watch.ms() });
  if (trial.practice && truth) await explain(answer, truth);
  parts.hide();
  flicker.blank();
}

/**
 * @param {ReturnType<typeof startWatch>} watch
 * @returns {Promise<Truth>}
 */
async function decide(watch) {
  for (;;) {
    ask(QUESTION, hintOnSize(), ['same', 'different']);
    const said = await action(['same', 'different', 's', 'd'], watch);
    if (said === 'same' || said === 's') return { answer: 'same', part: null };
    ask('Where do you see it most?', 'Point to the part.', ['back']);
    parts.ask();
    const where = await action(['back', 'Escape', 'part'], watch);
    parts.hide();
    if (where.startsWith('part ')) return { answer: 'different', part: Number(where.slice(5)) };
  }
}

/**
 * After a practice trial: what was to be seen.
 * @param {Truth} said
 * @param {Truth} truth
 */
async function explain(said, truth) {
  const right = said.answer === truth.answer && said.part === truth.part;
  if (truth.part === null) {
    const words = 'These two are identical, and nothing changes.';
    ask(right ? 'Right.' : 'Not quite.', words, ['next']);
  } else {
    parts.tell(truth.part);
    ask(right ? 'Right.' : 'Look again.', `It changes here: ${nameOfPart(truth.part)}.`, ['next']);
  }
  button('next').focus();
  await action(['next', 'Enter']);
}

// --- What the viewer does ----------------------------------------------------------------------------

/**
 * The first of these that the viewer does: the ids of buttons, keys, `part`. Pausing goes on in between.
 * @param {string[]} wanted
 * @param {ReturnType<typeof startWatch>} [watch] stands still during a pause.
 * @returns {Promise<string>}
 */
async function action(wanted, watch) {
  for (;;) {
    const done = await new Promise((resolve) => {
      act = resolve;
    });
    if (watch && (done === 'pause' || done === 'p')) await pause(watch);
    if (wanted.some((each) => done === each || done.startsWith(`${each} `))) return done;
  }
}

/** @param {ReturnType<typeof startWatch>} watch */
async function pause(watch) {
  watch.stop();
  const focused = document.activeElement;
  show('message', { title: 'Paused', text: 'Your answers so far are stored.', go: 'Go on' });
  await action(['go', 'Enter', 'p']);
  show('trial');
  if (focused instanceof HTMLElement) focused.focus();
  flicker.resume();
  watch.goOn();
}

/** Time that the pictures were to be seen. */
function startWatch() {
  let before = 0;
  let since = performance.now();
  return {
    ms: () => before + performance.now() - since,
    stop: () => {
      before += performance.now() - since;
      since = Number.POSITIVE_INFINITY;
    },
    goOn: () => {
      since = performance.now();
    },
  };
}

for (const each of document.querySelectorAll('button[id]'))
  each.addEventListener('click', () => act(each.id));
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  // A button that has the focus takes Enter for itself.
  if (event.key === 'Enter' && document.activeElement instanceof HTMLButtonElement) return;
  act(event.key.length === 1 ? event.key.toLowerCase() : event.key);
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) act('pause');
});
addEventListener('resize', () => {
  flicker.fit();
});

// --- What the viewer sees ----------------------------------------------------------------------------

/**
 * @param {'intro' | 'trial' | 'message'} screen
 * @param {{ title?: string, text?: string, go?: string }} [words] of a message.
 */
function show(screen, { title = '', text = '', go = '' } = {}) {
  for (const each of ['intro', 'trial', 'message']) element(each).hidden = each !== screen;
  element('title').textContent = title;
  element('text').textContent = text;
  button('go').textContent = go;
  button('go').hidden = go === '';
  if (go !== '') button('go').focus();
  if (screen === 'trial') flicker.fit();
}

/**
 * @param {string} question
 * @param {string} hint
 * @param {string[]} buttons
 */
function ask(question, hint, buttons) {
  element('question').textContent = question || '\u00a0';
  element('hint').textContent = hint;
  for (const id of ['same', 'different']) {
    button(id).hidden = !buttons.includes(id) && buttons.length > 0;
    button(id).disabled = buttons.length === 0;
  }
  for (const id of ['back', 'next']) button(id).hidden = !buttons.includes(id);
}

/**
 * @param {Trial} trial
 * @param {number} position
 * @param {number} all
 * @param {number} practices
 */
function showCount({ practice }, position, all, practices) {
  const [at, of] = practice ? [position + 1, practices] : [position + 1 - practices, all - practices];
  element('count').textContent = `${practice ? 'Practice ' : ''}${at} of ${of}`;
  const progress = /** @type {HTMLProgressElement} */ (element('progress'));
  progress.max = of;
  progress.value = at - 1;
}

/** A picture of which a part lies outside of the window cannot be judged. */
function hintOnSize() {
  const stage = element('stage');
  const fits = stage.scrollWidth <= stage.clientWidth + 1 && stage.scrollHeight <= stage.clientHeight + 1;
  return fits ? '' : 'The picture does not fit into the window: please enlarge it, or turn your device.';
}

/** @param {string | null} trouble */
function showTrouble(trouble) {
  element('trouble').textContent = trouble === null ? '' : `${trouble} Trying again…`;
  element('trouble').hidden = trouble === null;
}

/** Made up once and kept in this browser, so that a reload goes on where it stopped. */
function viewerId() {
  const key = `keeneye ${location.pathname}`;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const fresh = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    const known = localStorage.getItem(key);
    if (known !== null && /^[0-9a-f]{32}$/.test(known)) return known;
    localStorage.setItem(key, fresh);
  } catch {
    // Storage is switched off: it works as long as the page is open.
  }
  return fresh;
}
