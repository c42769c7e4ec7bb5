/** How the verbs' help is laid out; the words are each verb's own. */

/** Joins the lines of each paragraph, so that commander can wrap them to the terminal. */
export function flow(text: string): string {
  return text.trim().replace(/(?<!\n)\n(?!\n)/g, ' ');
}

/** The `Exit codes` section of a verb's help. */
export function exitCodesHelp(codes: [code: number, meaning: string][]): string {
  return [
    '',
    'Exit codes:',
    ...codes.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`),
  ].join('\n');
}
