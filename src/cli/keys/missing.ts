/** What all verbs on a key say where there is no such key. */
import { EXIT } from '../exit-codes.ts';
import { terminal } from '../terminal.ts';

export function missing(id: string): void {
  terminal.complain(`There is no key with the id ${id}.`);
  process.exitCode = EXIT.failed;
}
