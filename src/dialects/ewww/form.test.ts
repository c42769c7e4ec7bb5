import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Form } from '../dialect.ts';
import { readHost, readKey, readSent } from './form.ts';

const FILE = { name: 'file', filename: 'a.jpg', data: new Uint8Array([1]) };
const form = (fields: Record<string, string>): Form => ({
  fields: { api_key: 'k', ...fields },
  files: [FILE],
});

describe('what forms have in common', () => {
  it('is a key, and a file with the name that the client knows it by', () => {
    assert.deepEqual(readSent(form({ api_key: ' k ' })), {
      secret: 'k',
      source: { bytes: FILE.data, filename: 'a.jpg' },
    });
    assert.equal(readSent(form({ filename: '/var/www/../ü.jpg' })).source.filename, '/var/www/../ü.jpg');
  });

  it('is refused without one or the other', () => {
    assert.throws(() => readKey({ fields: {}, files: [] }), { code: 'unauthorized' });
    assert.throws(() => readSent(form({ api_key: ' ' })), { code: 'unauthorized' });
    assert.throws(() => readSent({ fields: { api_key: 'k' }, files: [] }), { code: 'empty-body' });
    const empty = { ...FILE, data: new Uint8Array() };
    assert.throws(() => readSent({ fields: { api_key: 'k' }, files: [empty] }), { code: 'empty-body' });
  });

  it('is the site, by its address or else its name', () => {
    const site = (fields: Record<string, string>) => readSent(form(fields)).domain;
    assert.equal(
      site({ site_url: 'https://www.example.com:8443/blog', domain: 'other.example' }),
      'www.example.com',
    );
    assert.equal(site({ site_url: '', domain: 'Example.com:8080' }), 'example.com');
    assert.equal(site({ domain: '' }), undefined);
    for (const text of ['', ' ', 'a b', 'http://', '../..', 'mailto:me@example.com'])
      assert.ok(/^[\w.-]*$/.test(readHost(text) ?? ''), text);
  });
});
