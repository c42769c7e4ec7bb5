import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig } from './config.ts';
import { VARIABLES } from './env.ts';
import { configHelp, configReference } from './reference.ts';

test('an empty environment gives the documented defaults', () => {
  const config = readConfig({});
  assert.equal(config.port, 8080);
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.dataDir, resolve('data'));
  assert.equal(config.blobFolder, resolve('data/blobs'));
  assert.equal(config.databaseUrl, null);
  assert.equal(config.floor, 85);
  assert.deepEqual(config.allowedPrivate, []);
  assert.equal(config.resultTtlMs, 24 * 3600 * 1000);
  assert.ok(config.workers >= 1);
  assert.ok(config.workerMemoryBytes >= 1024 ** 3 && config.workerMemoryBytes <= 4 * 1024 ** 3);
  assert.ok(Object.isFrozen(config));
});

test('values are read with their units', () => {
  const config = readConfig({
    PORT: '0',
    DATA_DIR: '/var/lib/keeneye',
    RESULT_TTL: '90m',
    MAX_PIXELS: '12.5MP',
    MAX_BYTES: '50MB',
    WORKER_MEMORY: '1 GiB',
    JOB_TIMEOUT: '1500ms',
    PUBLIC_URL: 'https://img.example.org/',
    LOG_LEVEL: 'WARN',
    ALLOW_PRIVATE_SOURCES: 'Media.internal:9000, 10.0.0.0/8',
  });
  assert.equal(config.port, 0);
  assert.equal(config.blobFolder, '/var/lib/keeneye/blobs');
  assert.equal(config.resultTtlMs, 5_400_000);
  assert.equal(config.maxPixels, 12_500_000);
  assert.equal(config.maxBytes, 50_000_000);
  assert.equal(config.workerMemoryBytes, 1024 ** 3);
  assert.equal(config.jobTimeoutMs, 1500);
  assert.equal(config.publicUrl, 'https://img.example.org');
  assert.equal(config.logLevel, 'warn');
  assert.deepEqual(config.allowedPrivate[0], { what: 'media.internal', port: 9000 });
  assert.equal(config.allowedPrivate[1]?.what.toString(), '10.0.0.0/8');
});

test('a blank variable counts as unset', () => {
  assert.equal(readConfig({ PORT: '', FLOOR: ' ' }).port, 8080);
});

test('every fault is reported at once, with the variable and what it should be', () => {
  const env = {
    PORT: '80x',
    FLOOR: '96',
    MAX_BYTES: 'lots',
    RESULT_TTL: '24',
    BLOB_URL: 's3://bucket',
    PUBLIC_URL: 'example.org',
    DATABASE_URL: 'mysql://user:hunter2@host/db',
    LOG_LEVEL: 'loud',
    ALLOW_PRIVATE_SOURCES: '10.0.0.0/33',
    KEENEYE_KEY: 'short',
    WORKERS: '0',
  };
  const error = faultsOf(env);
  for (const name of Object.keys(env)) {
    assert.equal(error.faults.filter((fault) => fault.startsWith(`${name} must `)).length, 1, name);
  }
  assert.equal(error.faults.length, Object.keys(env).length);
  assert.match(error.message, /PORT must be a whole number from 0 to 65535, not "80x"/);
});

test('a faulty secret is not repeated in the error', () => {
  const { message } = faultsOf({ KEENEYE_KEY: 'tell-nobody', DATABASE_URL: 'mysql://user:hunter2@host/db' });
  assert.doesNotMatch(message, /tell-nobody|hunter2/);
});

test('a secret may stand in a file, but not in both places', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keeneye-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'key');
  writeFileSync(file, 'a-key-of-more-than-twenty-characters\n');
  assert.equal(readConfig({ KEENEYE_KEY_FILE: file }).configuredKey, 'a-key-of-more-than-twenty-characters');
  assert.match(faultsOf({ KEENEYE_KEY_FILE: file, KEENEYE_KEY: 'x' }).message, /KEENEYE_KEY is set twice/);
  assert.match(faultsOf({ KEENEYE_KEY_FILE: join(folder, 'none') }).message, /KEENEYE_KEY_FILE: ENOENT/);
});

test('a certificate needs its key and the key its certificate', () => {
  assert.equal(readConfig({}).certificateFiles, null);
  assert.equal(readConfig({}).tlsPort, 8443);
  const files = { certPath: resolve('tls/cert.pem'), keyPath: '/etc/key.pem' };
  const both = readConfig({ TLS_CERT: 'tls/cert.pem', TLS_KEY: '/etc/key.pem' });
  assert.deepEqual(both.certificateFiles, files);
  assert.deepEqual(faultsOf({ TLS_CERT: 'a', PORT: 'x' }).faults.slice(-1), [
    'TLS_KEY must be set where TLS_CERT is.',
  ]);
  assert.deepEqual(faultsOf({ TLS_KEY: 'a' }).faults, ['TLS_CERT must be set where TLS_KEY is.']);
});

test('the reference and the help name every variable', () => {
  for (const { name } of Object.values(VARIABLES)) {
    assert.ok(configReference().includes(`| \`${name}\` |`), name);
    assert.match(configHelp(), new RegExp(`^ {2}${name} `, 'm'));
  }
});

function faultsOf(env: Record<string, string>): ConfigError {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error;
  }
  assert.fail('the configuration was accepted');
}
