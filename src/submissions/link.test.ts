import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createLinks } from './link.ts';

const NOW = Date.UTC(2030, 0, 1);

test('a signed link leads back to its artifact until it expires, and not a second longer', () => {
  const links = createLinks(randomBytes(32));
  const id = randomUUID();
  const token = links.sign(id, NOW + 10_000);
  assert.equal(links.verify(token, NOW), id);
  assert.equal(links.verify(token, NOW + 9_999), id);
  assert.equal(links.verify(token, NOW + 10_000), null);
});

test('changing any character of a link breaks it', () => {
  const links = createLinks(randomBytes(32));
  const token = links.sign(randomUUID(), NOW + 10_000);
  for (let at = 0; at < token.length; at += 1) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    assert.equal(links.verify(changed, NOW), null, `character ${at}`);
  }
});

test('a link that another secret signed, or that is no link at all, leads nowhere', () => {
  const token = createLinks(randomBytes(32)).sign(randomUUID(), NOW + 10_000);
  const links = createLinks(randomBytes(32));
  for (const wrong of [token, '', 'x', `${token}A`, token.slice(1), '../../etc/passwd', 'é'.repeat(52)])
    assert.equal(links.verify(wrong, NOW), null, wrong);
});

test('a link that was made for one purpose is good for no other', () => {
  const links = createLinks(randomBytes(32));
  const id = randomUUID();
  const token = links.sign(id, NOW + 10_000, 'source');
  assert.equal(links.verify(token, NOW, 'source'), id);
  for (const purpose of [undefined, 'result']) assert.equal(links.verify(token, NOW, purpose), null);
});
