/** What this build is: its version and those of the packages it stands on, as its manifest has them. */
import { readFileSync } from 'node:fs';

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;

export const KEENEYE_VERSION = manifest.version;
/** Exact versions by package. */
export const DEPENDENCIES = manifest.dependencies;
