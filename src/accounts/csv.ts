/** Lines of CSV (RFC 4180) that a spreadsheet shows and does not run. */

/** What spreadsheets take for the begin of a formula, also behind white space and in its full-width forms (OWASP: CSV Injection). */
const FORMULA = /^[\s\p{Cc}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;
/** Of ours; signs and all, they are no formulas. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

/** @returns one line with its end. */
export function csvLine(cells: (string | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(text: string | null): string {
  if (text === null) return '';
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
