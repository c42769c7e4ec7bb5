/** What is measured: files by format, and what each fidelity asks of them. */
import {
  DEFAULT_OPTIONS,
  type Fidelity,
  GLOSSY_FLOOR,
  type OptimizeOptions,
} from '../../src/engine/contract.ts';

export interface Group {
  name: string;
  /** Glob below the corpus folder. */
  pattern: string;
  targets: OptimizeOptions['targets'];
}

const same = (name: string): Group => ({ name, pattern: `mixed/${name}/*`, targets: ['same'] });
/** Formats that nobody writes back: the smallest of all others. */
const auto = (name: string): Group => ({ name, pattern: `mixed/${name}/*`, targets: ['auto'] });

export const GROUPS: Group[] = [
  ...['jpeg', 'png', 'gif', 'webp', 'avif', 'svg', 'pdf'].map(same),
  ...['tiff-bmp', 'heic'].map(auto),
  { name: 'gif to webp', pattern: 'mixed/gif/*', targets: ['webp'] },
];

export const FIDELITIES: Fidelity[] = ['lossless', 'glossy', 'lossy'];

export function optionsFor({ targets }: Group, fidelity: Fidelity): OptimizeOptions {
  const floor = fidelity === 'glossy' ? GLOSSY_FLOOR : DEFAULT_OPTIONS.floor;
  return { ...DEFAULT_OPTIONS, targets, fidelity, floor };
}
