/**
 * How the SDK's `fromFolder` makes its way through a folder whose `.shortpixel` file remembers what is pending: the
 * requests that two processes of it send, the first of which is killed. Seen of the SDK; sent here by hand.
 */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { exchangeRaw, formBody, openSocket } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { codes, createClient, type Entry, result } from './shortpixel-client.ts';

let app: RunningApp;
before(async () => {
  app = await startApp();
});
after(() => app?.stop());

/** What goes along with every call; in forms as PHP writes it: nothing for false. */
const SETTINGS = {
  ...{ lossy: 1, keep_exif: 0, resize: 0, cmyk2rgb: 1, convertto: '', user: '', pass: '', wait: 30 },
  ...{
    total_wait: 300,
    url_filter: false,
    base_source_path: '/srv/in',
    base_path: '/tmp',
    backup_path: false,
  },
  ...{ persist_type: 'text', persist_name: '.shortpixel', notify_progress: true, cache_time: 0 },
  plugin_version: 'sp-sdk 1.8.2',
};

type Folder = Map<string, Uint8Array>;

/** Files that were never seen before. */
let seed = 400;
async function fill(count: number): Promise<Folder> {
  const folder: Folder = new Map();
  for (let at = 1; at <= count; at++)
    folder.set(`/srv/in/p ${at}.jpg`, await jpegFile(photo(300, 200, seed++), { quality: 95 }));
  return folder;
}

/** A process of the SDK, which knows the folder and what an earlier one wrote down. */
function startProcess(key: string, folder: Folder) {
  function request(paths: string[], wait: number): Uint8Array {
    const parts = Object.fromEntries(paths.map((path, at) => [`file${at + 1}`, path]));
    const fields = { ...SETTINGS, wait, key, file_paths: JSON.stringify(parts) };
    const { type, body } = formBody([
      ...Object.entries(fields).map(([name, value]) => ({
        name,
        data: value === false ? '' : String(value),
      })),
      ...Object.entries(parts).map(([name, path]) => ({
        ...{ name, filename: path.split('/').at(-1)!, data: folder.get(path)! },
      })),
    ]);
    const head = `POST /v2/post-reducer.php HTTP/1.1\r\nHost: ${new URL(app.url).host}\r\nAccept: */*\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), body]);
  }
  return {
    async upload(paths: string[], wait: number): Promise<Entry[]> {
      return JSON.parse((await exchangeRaw(app.url, request(paths, wait))).body.toString());
    },
    /** Is killed once the server has taken the files in, before it hears of it. */
    async uploadAndDie(paths: string[]): Promise<void> {
      const taken = (await countJobs()) + paths.length;
      const { socket, ended } = openSocket(app.url);
      socket.write(request(paths, 30));
      while ((await countJobs()) < taken) await setTimeout(20);
      socket.destroy();
      await ended;
    },
    poll(urls: string[], files: string[]): Promise<Entry[]> {
      const file_urls = Object.fromEntries(urls.map((url, at) => [`url${at + 1}`, url]));
      const fields = { ...SETTINGS, key, refresh: 0, files, file_urls };
      return createClient(app.url, key).post('post-reducer.php', fields);
    },
  };
}

const countJobs = () =>
  app.inDatabase(async (database) => {
    const { rows } = await database.query<{ jobs: number }>('SELECT count(*)::int AS jobs FROM jobs');
    return rows[0]!.jobs;
  });

it('a folder that one process began is finished by the next, and each of its files is paid once (41)', async () => {
  const key = await app.makeKey(20);
  const folder = await fill(6);
  const [begun, cutOff] = [[...folder.keys()].slice(0, 3), [...folder.keys()].slice(3)];
  const first = startProcess(key, folder);
  const written = await first.upload(begun, 0);
  assert.deepEqual(codes(written), ['1', '1', '1']);
  await first.uploadAndDie(cutOff);

  const second = startProcess(key, folder);
  const urls = written.map(({ OriginalURL }) => OriginalURL);
  const polled = await second.poll(urls, [...folder.keys()]);
  assert.deepEqual(
    polled.map(({ OriginalURL }) => OriginalURL),
    urls,
  );
  const sent = await second.upload(cutOff, 30);
  assert.deepEqual(
    sent.map(({ Key, localPath }) => [Key, localPath]),
    cutOff.map((path, at) => [`file${at + 1}`, path]),
  );
  for (const [at, entry] of [...polled, ...sent].entries()) {
    assert.equal(entry.Status.Code, '2', entry.Status.Message);
    assert.equal(entry.OriginalSize, [...folder.values()][at]!.length);
    await result(entry.LossyURL, entry.LossySize);
  }
  const { APICallsMadeOneTime } = await createClient(app.url, key).post('api-status.php', { key });
  assert.equal(APICallsMadeOneTime, folder.size);
});

it('files whose addresses have expired are sent again, beside those that are still known', async () => {
  const folder = await fill(2);
  const [gone, kept] = [...folder.keys()] as [string, string];
  const first = startProcess(app.key, folder);
  const [known] = await first.upload([kept], 0);
  const lost = known!.OriginalURL.replace(/\/u\/..../, '/u/AAAA');
  const second = startProcess(app.key, folder);
  assert.deepEqual(codes(await second.poll([lost, known!.OriginalURL], [gone, kept])), [-102, '2']);
  assert.deepEqual(codes(await second.upload([gone], 30)), ['2']);
});
