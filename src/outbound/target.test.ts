/** Every way we know of to name what lies inside, tried on a server that waits there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowed } from './allowed.ts';
import { OutboundFailure, type OutboundFailureCode } from './failure.ts';
import { httpOrigin, recordedNetwork } from './origin.test-support.ts';
import { checkAddress, createOutbound } from './outbound.ts';
import { readTarget } from './target.ts';

/** With `PORT` for the port of the server inside. */
const INSIDE: Record<string, string[]> = {
  loopback: [
    'http://127.0.0.1:PORT/',
    'http://127.1.2.3:PORT/',
    'http://[::1]:PORT/',
    'https://127.0.0.1:PORT/',
  ],
  'short, whole, octal and hex IPv4': [
    ...['http://127.1:PORT/', 'http://2130706433:PORT/', 'http://0x7f000001:PORT/', 'http://0x7f.1:PORT/'],
    ...['http://0177.0.0.1:PORT/', 'http://017700000001:PORT/', 'http://127.0.0.1.:PORT/', 'http://0:PORT/'],
    ...['http://0x7f.0.0x0.01:PORT/', 'http://127.0x0.1:PORT/'],
  ],
  'digits and dots of other scripts': [
    'http://①②⑦.⓪.⓪.①:PORT/',
    'http://127。0。0。1:PORT/',
    'http://１２７.0.0.1:PORT/',
  ],
  'names of this machine': [
    ...[
      'http://localhost:PORT/',
      'http://LOCALHOST:PORT/',
      'http://localhost.:PORT/',
      'http://localhost..:PORT/',
    ],
    ...['http://a.localhost:PORT/', 'http://ⓛocalhost:PORT/', 'http://loc%61lhost:PORT/'],
  ],
  unspecified: ['http://0.0.0.0:PORT/', 'http://[::]:PORT/', 'http://0.1.2.3:PORT/'],
  private: [
    'http://10.0.0.1:PORT/',
    'http://172.16.0.1:PORT/',
    'http://172.31.255.255:PORT/',
    'http://192.168.1.1/',
  ],
  'link-local and metadata': [
    ...['http://169.254.169.254/latest/meta-data/', 'http://169.254.0.1:PORT/', 'http://[fd00:ec2::254]/'],
    ...['http://100.100.100.200/', 'http://168.63.129.16/', 'http://192.0.0.192/', 'http://[fe80::1]:PORT/'],
  ],
  'carrier-grade NAT': ['http://100.64.0.1:PORT/', 'http://100.127.255.254:PORT/'],
  'multicast, reserved, broadcast': [
    ...[
      'http://224.0.0.1:PORT/',
      'http://239.255.255.250:PORT/',
      'http://240.0.0.1:PORT/',
      'http://255.255.255.255/',
    ],
    ...[
      'http://[ff02::1]:PORT/',
      'http://198.18.0.1/',
      'http://192.88.99.1/',
      'http://[5f00::1]/',
      'http://[100::1]/',
    ],
  ],
  documentation: [
    ...['http://192.0.2.1/', 'http://198.51.100.1/', 'http://203.0.113.1/', 'http://[2001:db8::1]/'],
    'http://[3fff::1]/',
  ],
  'IPv4 inside IPv6': [
    ...['http://[::ffff:127.0.0.1]:PORT/', 'http://[::ffff:7f00:1]:PORT/', 'http://[::127.0.0.1]:PORT/'],
    ...[
      'http://[64:ff9b::127.0.0.1]:PORT/',
      'http://[64:ff9b:1::7f00:1]:PORT/',
      'http://[2002:7f00:1::]:PORT/',
    ],
    ...[
      'http://[2001:0:7f00:1::]:PORT/',
      'http://[::ffff:0:127.0.0.1]:PORT/',
      'http://[0:0:0:0:0:ffff:7f00:1]:PORT/',
    ],
    'http://[::ffff:8.8.8.8]/',
  ],
  'unique local and site-local': [
    'http://[fc00::1]:PORT/',
    'http://[fd12:3456::1]:PORT/',
    'http://[fec0::1]:PORT/',
  ],
  'credentials, slashes and blanks in front': [
    ...[
      'http://example.org@127.0.0.1:PORT/',
      'http://example.org:80@127.0.0.1:PORT/',
      'http:127.0.0.1:PORT/',
    ],
    ...[
      'http:\\\\127.0.0.1:PORT\\',
      'http:///127.0.0.1:PORT/',
      '  http://127.0.0.1:PORT/',
      'ht\ntp://127.0.\t0.1:PORT/',
    ],
    'http://127.0.0.1:PORT\\@example.org/',
  ],
  'names that lead inside': [
    ...['http://inside.test:PORT/', 'http://inside6.test:PORT/', 'http://mapped.test:PORT/'],
    ...[
      'http://scoped.test:PORT/',
      'http://inside.test.:PORT/',
      'https://inside.test:PORT/',
      'http://10.test:PORT/',
    ],
  ],
  'public addresses in other spellings': [
    'http://134744072/',
    'http://0x08.8.8.8/',
    'http://010.8.8.8/',
    'http://8.8.2056/',
  ],
  'bad ports': [
    'http://8.8.8.8:22/',
    'http://8.8.8.8:25/',
    'http://example.org:6667/',
    'http://example.org:0/',
  ],
};

const NO_URL = [
  ...['file:///etc/passwd', 'ftp://127.0.0.1:PORT/', 'gopher://127.0.0.1:PORT/_x', 'data:,x', 'javascript:0'],
  ...[
    'http://[fe80::1%25lo]:PORT/',
    'http://[::1%lo]:PORT/',
    'http://127.0.0.1:PORT:80/',
    'http://127.0.0.256/',
  ],
  ...[
    'http://',
    'http://:PORT/',
    'http://user@/',
    '//127.0.0.1:PORT/',
    '127.0.0.1:PORT',
    '',
    'http://127.0.0.1:65536/',
  ],
  'http://a b/',
];

const NAMES = {
  'inside.test': [['127.0.0.1']],
  'inside6.test': [['::1', 'fd00::1']],
  'mapped.test': [['::ffff:127.0.0.1']],
  'scoped.test': [['fe80::1%lo']],
  '10.test': [['10.0.0.1']],
};

const forms: [string, string, OutboundFailureCode][] = [
  ...Object.entries(INSIDE).flatMap(([kind, urls]) =>
    urls.map((url): [string, string, OutboundFailureCode] => [kind, url, 'blocked']),
  ),
  ...NO_URL.map((url): [string, string, OutboundFailureCode] => ['no web address', url, 'invalid-url']),
];

test(`${forms.length} ways to name what lies inside connect to nothing, first or as a redirect`, async (t) => {
  const inside = await httpOrigin(t, (_, response) => response.end('secret'));
  let location = '';
  const outside = await httpOrigin(t, (_, response) => response.writeHead(302, { location }).end());
  const network = recordedNetwork(NAMES);
  const outbound = createOutbound(parseAllowed(`127.0.0.1:${outside.port}`), network);
  const codeOf = (url: string) =>
    outbound.request({ url, maxBytes: 1000, timeoutMs: 20_000 }).then(
      () => 'reached',
      (error: OutboundFailure) => error.code,
    );

  assert.ok(forms.length >= 45);
  for (const [kind, form, code] of forms) {
    const url = form.replace('PORT', String(inside.port));
    assert.equal(await codeOf(url), code, `${kind}: ${form}`);
  }
  assert.deepEqual(network.connected, []);

  const sendable = forms.filter(([, form]) => /^http\S*:\/\/\S+$/.test(form));
  for (const [kind, form, code] of sendable) {
    location = Buffer.from(form.replace('PORT', String(inside.port))).toString('latin1');
    const expected = code === 'invalid-url' ? 'redirects' : code;
    assert.equal(await codeOf(outside.url), expected, `redirect, ${kind}: ${form}`);
  }
  assert.deepEqual([...new Set(network.connected)], [`127.0.0.1 ${outside.port}`]);
  assert.equal(inside.connections(), 0);
});

test('an address is judged by its text alone when a submission comes in', () => {
  const allowed = parseAllowed('10.0.0.0/8');
  for (const url of [
    'https://example.org/a.png',
    'http://u:p@8.8.8.8:8080/',
    'http://10.1.2.3/',
    'http://[2606:4700::1]/',
  ])
    assert.doesNotThrow(() => checkAddress(url, allowed), url);
  for (const url of ['http://localhost/', 'http://[::1]/', 'http://192.168.0.1/', 'http://example.org:22/'])
    assert.throws(() => checkAddress(url, allowed), { code: 'blocked' }, url);
});

test('credentials leave the URL, decoded, and no failure repeats them', () => {
  const { url, credentials } = readTarget('https://us%40er:p%3Ass%zz@example.org/a?b#c', []);
  assert.equal(url.href, 'https://example.org/a?b');
  assert.deepEqual(credentials, { user: 'us@er', password: 'p%3Ass%zz' });
  for (const form of [
    'http://user:hunter2@127.0.0.1/?key=hunter2',
    'ftp://user:hunter2@a/',
    'http://user:hunter2@/',
  ])
    assert.throws(
      () => readTarget(form, []),
      (error) => error instanceof OutboundFailure && !/hunter2/.test(`${error.stack}${String(error.cause)}`),
      form,
    );
});
