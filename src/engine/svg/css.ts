/** What of a style sheet, or of a style attribute, matters before a drawing is changed: what it refers to, and what is not seen. */

const COMMENT = /\/\*[\s\S]*?(\*\/|$)/g;
const URL_FUNCTION = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*?))\s*\)/gi;
const PLAIN_REFERENCE = /^#[^\s"'()\\]+$/;

/** The ids that values refer to by `url(#id)`. */
export function idsIn(css: string): string[] {
  if (!css.includes('#')) return [];
  return [...css.matchAll(URL_FUNCTION)]
    .map(([, double, single, bare]) => (double ?? single ?? bare ?? '').trim())
    .filter((target) => target.startsWith('#'))
    .map((target) => target.slice(1));
}

/** Whether all that a value refers to is in the same file, and nothing in it could run. */
export function isHarmless(css: string): boolean {
  const plain = withoutEscapes(css).replace(COMMENT, '');
  if (
    /(java|vb)script\s*:|expression\s*\(|@import|-moz-binding|behavior\s*:|image(-set)?\s*\(|src\s*\(/i.test(
      plain,
    )
  )
    return false;
  const remaining = plain.replace(URL_FUNCTION, (found, double, single, bare) =>
    PLAIN_REFERENCE.test((double ?? single ?? bare).trim()) ? '' : found,
  );
  return !/url\s*\(/i.test(remaining);
}

/** Without what is not harmless: a declaration or an at-rule each, or everything where escapes hide what is what. */
export function withoutReferences(css: string): string {
  if (isHarmless(css)) return css;
  const plain = css.replace(COMMENT, '');
  const harmless = plain
    .replace(/@import[^;{}]*;?/gi, '')
    // A quoted or bare address may have semicolons in it.
    .replace(/[\w-]+\s*:\s*(?:url\([^)]*\)|"[^"]*"|'[^']*'|[^;{}])*/g, (declaration) =>
      isHarmless(declaration) ? declaration : '',
    );
  return isHarmless(harmless) ? harmless : '';
}

/** CSS Syntax 3 §4.3.7. */
function withoutEscapes(css: string): string {
  return css.replace(/\\([0-9a-f]{1,6})\s?|\\(.)/gi, (_, code?: string, character?: string) => {
    if (code === undefined) return character!;
    const point = Number.parseInt(code, 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '';
  });
}

/** Whether a style sheet holds only what the renderer knows: rules for elements as they are, on any device, at any time. */
export function isPlainSheet(css: string): boolean {
  const plain = css.replace(COMMENT, '');
  if (/[@\\]/.test(plain)) return false;
  const selectors = plain.replace(/\{[^{}]*\}/g, ' ');
  return !/[:{}]/.test(selectors) && isPlainStyle(plain);
}

/** The same of declarations. */
export function isPlainStyle(css: string): boolean {
  return !/\b(animation|transition|will-change|offset|content)\b|--[\w-]|\b(var|env|calc|min|max|clamp|attr|light-dark)\(/i.test(
    css.replace(COMMENT, ''),
  );
}
