/** Reads the operators of a page's or form's contents one by one (ISO 32000-1, 7.8.2); what they do is for others to know. */
import { corrupt, latin1 } from '../codecs/bytes.ts';
import type { ReadBudget } from './filters.ts';
import { nameOf, type Value } from './objects.ts';
import { createParser } from './parse.ts';

export interface Operation {
  operator: string;
  operands: Value[];
}

/** More than any operator takes. */
const MAX_OPERANDS = 1000;
const OPERAND = /[/(<[+\-.\d]/;
/** Numbers and operators of the contents that follow an inline image, as no image's bytes are. */
const TEXT = /^[\t\n\f\r -~]*$/;
const TEXT_BYTES = 16;

/** @throws Decline as a parser does. */
export function* operationsIn(contents: Uint8Array, budget: ReadBudget): Generator<Operation> {
  const parser = createParser(contents, 0, budget);
  let operands: Value[] = [];
  for (parser.skipBlank(); parser.at < contents.length; parser.skipBlank()) {
    if (OPERAND.test(String.fromCharCode(contents[parser.at]!))) {
      if (operands.push(parser.value()) > MAX_OPERANDS) throw corrupt('An operator has too many operands.');
      continue;
    }
    const operator = parser.word();
    if (--budget.leftParts < 0) throw corrupt('The contents of pages have more parts than are read.');
    if (operator === '') throw corrupt('The contents of a page are damaged.');
    if (operator === 'ID') parser.at = endOfInline(contents, parser.at);
    yield { operator, operands };
    operands = [];
  }
}

/** Where the `EI` of an inline image begins; its bytes do not say how many they are. */
function endOfInline(contents: Uint8Array, start: number): number {
  const buffer = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
  for (let at = buffer.indexOf('EI', start); at !== -1; at = buffer.indexOf('EI', at + 1)) {
    const stands = /^[\0\t\n\f\r ]EI([\0\t\n\f\r ]|$)/.test(latin1(contents, at - 1, 4));
    if (stands && TEXT.test(latin1(contents, at + 2, TEXT_BYTES))) return at;
  }
  throw corrupt('An inline image of the PDF does not end.');
}

/** The name that an operator takes alone, as `Do` does. */
export function onlyName({ operands }: Operation): string | null {
  return operands.length === 1 ? nameOf(operands[0]) : null;
}
