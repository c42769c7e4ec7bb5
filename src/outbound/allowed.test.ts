/** What an operator opens, and that it opens nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowed } from './allowed.ts';
import { httpOrigin, recordedNetwork } from './origin.test-support.ts';
import { checkAddress, createOutbound } from './outbound.ts';

const opens = (entries: string, url: string): boolean => {
  try {
    checkAddress(url, parseAllowed(entries));
    return true;
  } catch {
    return false;
  }
};

const CASES: [entries: string, opened: string[], closed: string[]][] = [
  ['', [], ['http://10.0.0.1/', 'http://localhost/']],
  [
    '10.0.0.0/8',
    ['http://10.255.0.1:81/'],
    ['http://172.16.0.1/', 'http://127.0.0.1/', 'http://[::ffff:10.0.0.1]/'],
  ],
  ['10.0.0.5', ['http://10.0.0.5/', 'https://10.0.0.5:9000/'], ['http://10.0.0.6/', 'http://10.0.0.5:22/']],
  ['10.0.0.5:9000', ['http://10.0.0.5:9000/'], ['http://10.0.0.5/', 'http://10.0.0.5:9001/']],
  ['10.0.0.5:80', ['http://10.0.0.5/'], ['https://10.0.0.5/']],
  [
    '10.0.0.5:22, 10.0.0.0/8, 10.0.0.6',
    ['http://10.0.0.5:22/'],
    ['http://10.0.0.6:22/', 'http://10.0.0.7:22/'],
  ],
  ['fd00::/8', ['http://[fd12::1]/'], ['http://[fc00::1]/', 'http://[fe80::1]/', 'http://10.0.0.1/']],
  [
    'fd00::5, [fd00::6]:81',
    ['http://[fd00::5]/', 'http://[fd00::6]:81/'],
    ['http://[fd00::6]/', 'http://[fd00::7]/'],
  ],
  [
    'LocalHost.',
    ['http://localhost:81/', 'http://localhost./'],
    ['http://127.0.0.1/', 'http://a.localhost/'],
  ],
  ['169.254.169.254', ['http://169.254.169.254/'], ['http://169.254.169.253/', 'http://2852039166/']],
];

for (const [entries, opened, closed] of CASES) {
  test(`"${entries}" opens what it names and nothing beside it`, () => {
    for (const url of opened) assert.ok(opens(entries, url), url);
    for (const url of closed) assert.ok(!opens(entries, url), url);
  });
}

test('an entry that cannot be meant is refused with what it should be', () => {
  const faulty = [
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    '10.0.0.0/8:80',
    'a:0',
    'a:65536',
    'a:b',
    'http://a',
  ];
  for (const entry of [...faulty, '[::1', 'fe80::1%lo', '0x7f.1', '2130706433', 'a b', '*', '[a]:80'])
    assert.throws(() => parseAllowed(`10.0.0.1,${entry}`), /^Error: must be networks/, entry);
  assert.throws(
    () => parseAllowed('10.0.0.5/8'),
    /must name networks by their first address \(10\.0\.0\.0\/8\)/,
  );
});

test('a host is opened by its name and on its port, wherever it leads', async (t) => {
  const media = await httpOrigin(t, (_, response) => response.end('media'));
  const other = await httpOrigin(t, (_, response) => response.end('other'));
  const names = { 'media.test': [['127.0.0.1']], 'else.test': [['127.0.0.1']] };
  const network = recordedNetwork(names);
  const outbound = createOutbound(parseAllowed(`media.test:${media.port}`), network);
  const get = (url: string) => outbound.request({ url, maxBytes: 100, timeoutMs: 20_000 });
  assert.equal(Buffer.from((await get(`http://media.test:${media.port}/`)).bytes).toString(), 'media');
  await assert.rejects(get(`http://media.test:${other.port}/`), { code: 'blocked' });
  await assert.rejects(get(`http://else.test:${media.port}/`), { code: 'blocked' });
  await assert.rejects(get(`http://127.0.0.1:${media.port}/`), { code: 'blocked' });
  assert.deepEqual(network.connected, [`127.0.0.1 ${media.port}`]);
  assert.equal(other.connections(), 0);
});

test('an address that is open is open by any name that leads to it', async (t) => {
  const media = await httpOrigin(t, (_, response) => response.end('media'));
  const network = recordedNetwork({ 'any.test': [['127.0.0.2', '127.0.0.1']] });
  const outbound = createOutbound(parseAllowed(`127.0.0.1:${media.port}`), network);
  await outbound.request({ url: `http://any.test:${media.port}/`, maxBytes: 100, timeoutMs: 20_000 });
  assert.deepEqual(network.connected, [`127.0.0.1 ${media.port}`]);
});
