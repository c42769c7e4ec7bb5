/** Writes a tree as XML again, with nothing between elements that was not there. */
import type { Element, Node } from './tree.ts';

export function writeSvg(root: Element, prolog: Node[] = []): string {
  const parts: string[] = [];
  for (const node of [...prolog, root]) write(node, parts);
  return parts.join('');
}

function write(node: Node, parts: string[]): void {
  if (node.kind === 'element') writeElement(node, parts);
  else if (node.kind === 'text') parts.push(escapeText(node.text));
  else if (node.kind === 'comment') parts.push(`<!--${node.text}-->`);
  else parts.push(`<?${node.text}?>`);
}

function writeElement({ name, attributes, children }: Element, parts: string[]): void {
  parts.push('<', name);
  for (const attribute of attributes) parts.push(' ', attribute.name, '=', quote(attribute.value));
  if (children.length === 0) return void parts.push('/>');
  parts.push('>');
  for (const child of children) write(child, parts);
  parts.push('</', name, '>');
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(']]>', ']]&gt;')
    .replaceAll('\r', '&#13;');
}

/** In the quotes that need fewer references; line ends are kept from becoming spaces. */
function quote(value: string): string {
  const escaped = value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
  if (!escaped.includes('"')) return `"${escaped}"`;
  return escaped.includes("'") ? `"${escaped.replaceAll('"', '&quot;')}"` : `'${escaped}'`;
}
