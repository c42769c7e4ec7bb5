/** Prints rows as an aligned text table. */

export type Cell = string | number;

export function printTable(head: string[], rows: Cell[][]): void {
  const text = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...text.map((row) => row[column]?.length ?? 0)));
  for (const row of text) console.log(row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param share 0 to 1. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The same as a Markdown table, for the documentation. */
export function printMarkdown(head: string[], rows: Cell[][]): void {
  for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
}
