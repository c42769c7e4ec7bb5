/** How the compress API tells clients what their key is worth, and what it takes for what it does. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createKey, type NewKey } from '../../src/accounts/keys.ts';
import { jpegFile, orientedJpeg, pngFile } from '../images/files.ts';
import { photo } from '../images/pixels.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { ask, assertPage, type Fields, imageIn, send } from './ewww-client.ts';

const INVALID = '{"status":"invalid","error":"invalid"}';

let app: RunningApp;
let jpeg: Uint8Array;

before(async () => {
  jpeg = await jpegFile(photo(160, 120), { quality: 95 });
  app = await startApp();
});
after(() => app.stop());

function makeKey(wanted: Partial<NewKey>) {
  return app.inDatabase((database) =>
    createKey(database, { name: 'made by a test', credits: null, ...wanted }),
  );
}

const secretOf = async (wanted: Partial<NewKey>) => (await makeKey(wanted)).secret;

/** The key of a customer whose shop has used up everything. */
async function subkeyOfTheBroke(): Promise<string> {
  const { key } = await makeKey({ credits: 0 });
  return secretOf({ parentId: key.id });
}

const verify = async (fields: Fields | FormData) => (await ask(app, '/verify/', fields))[1];
const quota = async (secret: string) => (await ask(app, '/quota/', { api_key: secret }))[1];
const quotaV2 = async (secret: string) => JSON.parse((await ask(app, '/quota/v2/', { api_key: secret }))[1]);

function multipart(fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** What each of the clients makes of a verification. */
const READERS: Record<string, (body: string) => string> = {
  ewwwio_php: (body) => /great|exceeded/.exec(body)?.[0] ?? 'invalid',
  'the WordPress plugin': (body) => (body.startsWith('{') && JSON.parse(body).status) || 'invalid',
  'webp-convert': (body) => {
    if (body === '') return 'invalid';
    const { error, status } = JSON.parse(body);
    if (error !== undefined) return error === 'invalid' ? 'invalid' : 'unexpected';
    return ['great', 'exceeded'].includes(status) ? status : 'unexpected';
  },
};

/** What clients print of the three numbers (the ifs of ewwwio-php, in our words). */
function inWords(text: string): string {
  const [allowance, used, days] = text.split(' ').map(Number) as [number, number, number];
  if (allowance === 0 && used > 0) return `${used} so far, ${days} days to go`;
  if (allowance === 0 && used < 0) return `${-used} left`;
  if (allowance > 0 && used < 0) return `${allowance - used} left`;
  return allowance === 0 && used === 0 && days === 0
    ? 'none left'
    : `${used} of ${allowance}, ${days} days to go`;
}

describe('/verify/', () => {
  it('knows a good key, urlencoded or multipart, and the one that everyone tries', async () => {
    for (const secret of [app.key, 'abc123', await secretOf({ credits: 1 })])
      for (const form of [{ api_key: secret }, multipart({ api_key: secret })])
        assert.equal(await verify(form), '{"status":"great"}');
  });

  it('tells every client the same of a key that is good, used up or none', async () => {
    const keys = { great: app.key, exceeded: await secretOf({ credits: 0 }), invalid: 'unknown' };
    for (const [expected, api_key] of Object.entries(keys))
      for (const [client, read] of Object.entries(READERS))
        assert.equal(read(await verify({ api_key })), expected, client);
  });

  it('says what is the matter with a key', async () => {
    const credits = 0;
    for (const form of [{ api_key: 'unknown' }, { api_key: '' }, {}, multipart({ other: 'x' })])
      assert.equal(await verify(form as Fields), INVALID);
    assert.equal(await verify({ api_key: await secretOf({ credits }) }), '{"status":"exceeded"}');
    assert.equal(
      await verify({ api_key: await secretOf({ credits, plan: 'monthly' }) }),
      '{"status":"exceeded"}',
    );
    assert.equal(await verify({ api_key: await subkeyOfTheBroke() }), '{"status":"exceeded subkey"}');
    const expired = await secretOf({ expiresAt: new Date(Date.now() - 1000) });
    assert.equal(await verify({ api_key: expired }), '{"status":"expired","error":"invalid"}');
  });

  it('is asked by POST only, as all pages are but one', async () => {
    for (const path of [
      '/verify/',
      '/quota/',
      '/quota/v2/',
      '/v2/',
      '/v3/optimize/',
      '/rotate/',
      '/backup/store.php',
    ]) {
      const reply = await fetch(app.url + path);
      assert.deepEqual([reply.status, reply.headers.get('allow')], [405, 'POST']);
      assert.doesNotMatch(await reply.text(), /great|invalid|exceeded/);
    }
    assert.equal((await fetch(`${app.url}/v3/retrieve/`, { method: 'POST' })).status, 405);
  });
});

describe('/quota/', () => {
  it('says of each plan what clients then say', async () => {
    assert.equal(inWords(await quota(await secretOf({ credits: 3000 }))), '3000 left');
    assert.equal(await quota(await secretOf({ credits: 3000 })), '0 -3000 0');
    const [, , days] = (await quota(await secretOf({ credits: 5000, plan: 'monthly' }))).split(' ');
    assert.equal(inWords(`5000 0 ${days}`), `0 of 5000, ${days} days to go`);
    assert.ok(Number(days) >= 28 && Number(days) <= 31);
    assert.equal(inWords(await quota(await secretOf({ credits: 0 }))), 'none left');
    assert.equal(inWords(await quota(await subkeyOfTheBroke())), 'none left');
    const metered = await secretOf({});
    await imageIn(await send(app, jpeg, { lossy: '1' }, { key: metered }));
    assert.equal(inWords(await quota(metered)), '1 so far, 30 days to go');
    assert.match(await quota('abc123'), /^\d+ -?\d+ \d+$/);
  });

  it('says nothing of a key that is not valid', async () => {
    for (const api_key of ['unknown', '', await secretOf({ expiresAt: new Date(0) })])
      assert.deepEqual(await ask(app, '/quota/', multipart({ api_key })), [200, '']);
    assert.deepEqual(await ask(app, '/quota/v2/', { api_key: 'unknown' }), [200, '']);
  });

  it('has all four numbers in its second version, whatever the plan', async () => {
    const plans = {
      prepaid: await secretOf({ credits: 3000 }),
      monthly: await secretOf({ credits: 5000, plan: 'monthly' }),
      metered: await secretOf({}),
      none: await secretOf({ credits: 0 }),
      expired: await secretOf({ expiresAt: new Date(0) }),
      trial: 'abc123',
    };
    for (const [plan, secret] of Object.entries(plans)) {
      const told = await quotaV2(secret);
      for (const name of ['licensed', 'consumed', 'days', 'metered'])
        assert.ok(Number.isInteger(told[name]), `${plan}: ${name}`);
    }
    const { licensed, consumed, status } = await quotaV2(plans.prepaid);
    assert.deepEqual([licensed, consumed, status], [0, -3000, 'great']);
    assert.equal((await quotaV2(plans.monthly)).licensed, 5000);
    assert.equal((await quotaV2(plans.expired)).status, 'expired');
  });

  it('is never called unlimited, which the WordPress plugin takes for "used n of 0 images"', async () => {
    const told = await quotaV2(await secretOf({}));
    assert.deepEqual([told.metered, told.unlimited, told.soft_cap], [1, 0, undefined]);
  });
});

describe('credits', () => {
  it('are one for an image, its conversion included, and none for what is not smaller', async () => {
    const key = await secretOf({ credits: 5 });
    await imageIn(await send(app, await pngFile(photo(320, 240, 8)), { lossy: '1', convert: '1' }, { key }));
    assert.equal(await quota(key), '0 -4 0');
    const { body } = await send(app, jpeg, {}, { key });
    assert.equal(await quota(key), '0 -3 0');
    assert.equal((await send(app, body, {}, { key })).body.length, 0);
    assert.equal(await quota(key), '0 -3 0');
  });

  it('are none for WebP and for turning upright, even where none are left', async () => {
    const key = await secretOf({ credits: 0 });
    assert.equal((await imageIn(await send(app, jpeg, { webp: '1' }, { key }))).format, 'webp');
    await imageIn(await send(app, await orientedJpeg(photo(160, 120), 6), {}, { path: '/rotate/', key }));
  });

  it('refuse in short words that clients search for, under status 200', async () => {
    const expired = await secretOf({ expiresAt: new Date(0) });
    for (const path of ['/v2/', '/v3/optimize/'])
      for (const [key, text] of [
        ['unknown', '{"error":"invalid","t":"exceeded"}'],
        ['', '{"error":"invalid","t":"exceeded"}'],
        ['abc123', '{"error":"invalid","t":"exceeded"}'],
        [expired, '{"error":"invalid","t":"exceeded"}'],
        [await secretOf({ credits: 0 }), '{"error":"exceeded"}'],
        [await subkeyOfTheBroke(), '{"error":"exceeded subkey"}'],
      ] as const) {
        assertPage(await send(app, jpeg, { lossy: '1', async: '1' }, { path, key }), text);
        assert.ok(text.length < 100);
      }
  });

  it('are only for the sites that a key is for', async () => {
    const key = await secretOf({ domains: ['example.com'] });
    await imageIn(
      await send(app, jpeg, { site_url: 'https://shop.example.com/' }, { path: '/v3/optimize/', key }),
    );
    await imageIn(await send(app, jpeg, { domain: 'example.com' }, { key }));
    for (const fields of [
      { domain: 'other.example' },
      { site_url: 'http://other.example', domain: 'example.com' },
    ])
      assertPage(await send(app, jpeg, fields as Fields, { key }), '{"error":"invalid","t":"exceeded"}');
  });

  it('are for webp-convert, to convert and to keep a subscription alive', async () => {
    const converted = await send(app, jpeg, { webp: '1', quality: '75', metadata: '0' });
    assert.equal((await imageIn(converted)).format, 'webp');
    const fields = { webp: '0', domain: 'example.com', quality: '60', metadata: '0' };
    assert.equal((await imageIn(await send(app, jpeg, fields, { keyLast: true }))).format, 'jpeg');
  });
});

describe('the key that everyone tries', () => {
  it('optimizes where the operator allows it, and a few images a month', async () => {
    const open = await startApp({ DEMO_KEY: '1' });
    try {
      await imageIn(await send(open, jpeg, { lossy: '1' }, { key: 'abc123' }));
      const reply = await send(
        open,
        jpeg,
        { lossy: '1', webp: '1' },
        { key: 'abc123', path: '/v3/optimize/' },
      );
      assert.equal((await imageIn(reply)).format, 'webp');
      assert.deepEqual(await ask(open, '/verify/', { api_key: 'abc123' }), [200, '{"status":"great"}']);
    } finally {
      await open.stop();
    }
  });
});
