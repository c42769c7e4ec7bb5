/** What the secret of a new key is to be, where its clients do not take any. */
import { text } from 'node:stream/consumers';
import { Option } from 'commander';
import { makePlainSecret, SECRET_CHARACTERS } from '../../accounts/secret.ts';
import { wholeNumberFrom } from '../options.ts';
import type { KeyFlags } from './options.ts';

export interface NewKeyFlags extends KeyFlags {
  name: string;
  parent?: string;
  characters?: number;
  secretStdin?: boolean;
}

export function charactersOption(): Option {
  const { min, max } = SECRET_CHARACTERS;
  return new Option(
    '--characters <number>',
    'so many letters and digits and nothing else, for clients that are strict',
  )
    .argParser(wholeNumberFrom(min, max))
    .conflicts('secretStdin');
}

/**
 * @returns undefined where one of the usual kind is to be made
 * @throws Error when what stdin says is no secret
 */
export async function readSecret({ characters, secretStdin }: NewKeyFlags): Promise<string | undefined> {
  if (characters !== undefined) return makePlainSecret(characters);
  if (!secretStdin) return undefined;
  const secret = (await text(process.stdin)).trim();
  const { min, max } = SECRET_CHARACTERS;
  if (secret.length >= min && secret.length <= max && /^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new Error(`A secret has ${min} to ${max} printable characters and no space.`);
}
