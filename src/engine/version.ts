/**
 * The engine's version: everything that may change an output's bytes. It is part of every fingerprint
 * and report, so a result is never reused across builds that would have answered differently.
 */
import { readFileSync } from 'node:fs';

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;

export const KEENEYE_VERSION = manifest.version;

/** E.g. `keeneye 0.1.0 (sharp 0.35.5, @napi-rs/image 1.15.0, ssimulacra 2.1)`. */
export const ENGINE_VERSION = `keeneye ${KEENEYE_VERSION} (${['sharp', '@napi-rs/image']
  .map((name) => `${name} ${manifest.dependencies[name]}`)
  .join(', ')}, ssimulacra 2.1)`;
