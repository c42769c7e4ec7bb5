/**
 * Requests that curl and the vendor's SDK sent, replayed in their order. The recordings lie beside the project and are
 * not part of it: where they are absent this file says so, and `shimmercat.test.ts` sends the same made by hand.
 * Images were not recorded, so generated ones take their place, with their hashes; so does the token.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { jpegFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { exchangeRaw } from '../raw-http.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { sha1 } from './shimmercat-client.ts';

const FOLDER = fileURLToPath(
  new URL('../../../shared/captures/shimmercat/aiohttp-sdk-form/', import.meta.url),
);
const files = existsSync(FOLDER) ? globSync(`${FOLDER}*-POST-*.txt`).sort() : [];

interface Recording {
  head: string[];
  body: Buffer;
}

const HASH = /\b[0-9a-f]{40}\b/g;
const JOB_RECORD = `{"task_thread": "${'0'.repeat(40)}"}`;
/** What of the SDK's JSON was not recorded, which is its end. */
const CUT = /"force_reprocessing": fa(\n|$)/;

/** A recording with its spelled-out line ends made real, what was cut added, and token, hash and image replaced. */
function readRecording(file: string, token: string, image: Uint8Array): Recording {
  const [head = '', ...rest] = readFileSync(file, 'latin1').split('\n\n');
  const text = rest
    .join('\n\n')
    .replace(/\n*\[body \d+ bytes, sha1 \w+\]\s*$/, '')
    .replaceAll(/\\r\\n(\n|$)/g, '\r\n')
    .replace(
      CUT,
      (_, end) => `"force_reprocessing": false, "shimmercat_job_record": ${JOB_RECORD}}${end && '\r\n'}`,
    )
    .replaceAll(HASH, sha1(image));
  const lines = head
    .replace(HASH, sha1(image))
    .replace('Token TOK ', `Token ${token} `)
    .split('\n')
    .filter((line) => !/^content-length:/i.test(line));
  return { head: lines, body: withImage(text, image) };
}

/** Of the JSON with a file only the beginning was recorded. */
function withImage(text: string, image: Uint8Array): Buffer {
  const file = text.indexOf('"file": "');
  if (file >= 0)
    return Buffer.from(
      `${text.slice(0, file)}"file": "${Buffer.from(image).toString('base64')}", "force_reprocessing": true}`,
    );
  const part = text.lastIndexOf('\r\n\r\n');
  if (part < 0) return Buffer.from(text);
  const end = text.lastIndexOf('\r\n--');
  return Buffer.concat([Buffer.from(text.slice(0, part + 4)), image, Buffer.from(text.slice(end))]);
}

/** The same form as aiohttp 3.7 writes it: parts with a length instead of a name. */
function withoutNames({ head, body }: Recording): Recording {
  const text = body.toString('latin1');
  return { head, body: Buffer.from(text.replaceAll(/Content-Disposition: [^\r]*\r\n/g, ''), 'latin1') };
}

describe('recorded imgopt3 requests', { skip: files.length === 0 && 'there are no recordings here' }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.stop());

  async function send({ head, body }: Recording): Promise<[status: number, body: Record<string, string>]> {
    const lines = [...head, 'Connection: close', `Content-Length: ${body.length}`, '', ''];
    const reply = await exchangeRaw(app.url, lines.join('\r\n'), body);
    assert.equal(reply.headers['content-type'], 'application/json');
    return [reply.status, JSON.parse(reply.body.toString())];
  }

  async function replay(seed: number, recordings: string[], change = (recording: Recording) => recording) {
    const image = await jpegFile(photo(240, 180, seed), { quality: 95 });
    const answers: string[] = [];
    for (const file of recordings) {
      const [status, body] = await send(change(readRecording(file, app.key, image)));
      const word = body.status ?? body.success_or_deny ?? 'refused';
      answers.push(`${basename(file).slice(0, 3)} ${status} ${word}`);
    }
    return answers;
  }

  it('are answered as curl and the SDK expect, whichever aiohttp that has', async () => {
    const [curl, ...sdk] = files as [string, ...string[]];
    assert.deepEqual(await replay(1, [curl]), ['001 201 queued']);
    for (const answers of [await replay(2, sdk), await replay(3, sdk, withoutNames)]) {
      assert.deepEqual(answers.slice(0, 3), ['002 401 refused', '003 404 expecting-file', '004 201 queued']);
      for (const answer of answers.slice(3)) assert.match(answer, /^00[567] 200 (processing|success)$/);
    }
  });
});
