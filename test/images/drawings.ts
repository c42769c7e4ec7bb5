/** Drawings as SVG files: ones of everyday use, ones with what a rendering does not show, and ones that must be refused. */

/** @returns an SVG of 120 x 80 user units around what is given. */
export function svgFile(
  inside: string,
  attributes = 'width="120" height="80" viewBox="0 0 120 80"',
): Uint8Array {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`,
  );
}

/** Numbers between 0 and 1, the same for each seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A figure of curves with far more decimals than anyone sees, as drawing programs write them, their notes included. */
export function curves(seed = 1, count = 40): string {
  const random = randomFrom(seed);
  const number = (most: number) => (random() * most).toFixed(7);
  const point = () => `${number(120)} ${number(80)}`;
  const paths = Array.from(
    { length: count },
    (_, at) =>
      `    <path id="path${1000 + at}" style="fill:rgb(${[80, 160, 240].map((most) => Math.floor(random() * most)).join(',')});fill-opacity:1;stroke:none"\n      d="M ${point()} C ${point()} ${point()} ${point()} L ${point()} Z" />\n`,
  );
  return `\n  <!-- made by a program -->\n  <metadata><title>notes</title></metadata>\n  <g id="layer1">\n${paths.join('')}  </g>\n`;
}

const SQUARE = '<rect x="10" y="10" width="60" height="50" fill="#c03020"/>';

/** What a rendering does not show, and which no result may lose. */
export const UNSEEN: Record<string, string> = {
  'a script': `<script>document.querySelector( "rect" ).id</script>${SQUARE}`,
  'an event handler': `<g onclick="alert( 1 )">${SQUARE}</g>`,
  'an animation': `<rect width="9.12345678" height="9"><animate attributeName="x"   from="0" to="9.12345678" dur="2s"/></rect>`,
  HTML: `${SQUARE}<foreignObject width="50" height="20"><p xmlns="http://www.w3.org/1999/xhtml">one <b>two</b> <i>three</i></p></foreignObject>`,
  'a style for hovering': `<style>.a:hover { fill: blue }</style><g class="a">${SQUARE}</g>`,
  'a style for dark screens': `<style>@media (prefers-color-scheme: dark) { .a { fill: white } }</style><path class="a" d="M 1.00000 2 L 30 40 Z"/>`,
  'a symbol for others': `<symbol id="icon-home" viewBox="0 0 9.12345678 9"><path d="M 1.23456789 2 L 3 4"/></symbol>${SQUARE}`,
  'an image elsewhere': `<image href="https://example.com/a.png" width="9" height="9"/>${SQUARE}`,
  'text on a path': `<path id="p" d="M 0 20 H 100" fill="none"/><text><textPath href="#p">along</textPath></text>`,
};

const LAUGHS = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
  '',
);
const USES = Array.from(
  { length: 12 },
  (_, at) => `<g id="u${at + 1}">${`<use xlink:href="#u${at}"/>`.repeat(10)}</g>`,
).join('');
const PATTERNS = Array.from(
  { length: 12 },
  (_, at) =>
    `<pattern id="p${at + 1}" width="9" height="9">${`<rect width="9" height="9" fill="url(#p${at})"/>`.repeat(10)}</pattern>`,
).join('');

/** Few bytes that ask for too much, or for what is not theirs; each with the reasons it may be declined for. */
export const BOMBS: Record<string, { bytes: () => Uint8Array; reasons: string[] }> = {
  'a billion laughs': {
    bytes: () => withDoctype(`<!ENTITY l0 "lol">${LAUGHS}`, '<text>&l9;</text>'),
    reasons: ['too-large'],
  },
  'an entity that stands for itself': {
    bytes: () => withDoctype('<!ENTITY a "&b;"><!ENTITY b "&a;">', '<text>&a;</text>'),
    reasons: ['too-large'],
  },
  'a file by an entity': {
    bytes: () => withDoctype('<!ENTITY x SYSTEM "file:///etc/hostname">', '<text>&x;</text>'),
    reasons: ['unsupported'],
  },
  'an address by a parameter entity': {
    bytes: () => withDoctype('<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;', SQUARE),
    reasons: ['unsupported'],
  },
  'uses of uses': {
    bytes: () => svgFile(`<defs><rect id="u0" width="9" height="9"/>${USES}</defs><use xlink:href="#u12"/>`),
    reasons: ['too-large'],
  },
  'patterns in patterns': {
    bytes: () => svgFile(`<defs>${PATTERNS}</defs><rect width="99" height="70" fill="url(#p12)"/>`),
    reasons: ['too-large'],
  },
  'markers at a million points': {
    bytes: () =>
      svgFile(
        `<marker id="m">${SQUARE.repeat(500)}</marker><path marker-mid="url(#m)" d="M0 0${'1 1 '.repeat(100_000)}"/>`,
      ),
    reasons: ['too-large'],
  },
  'a turbulence of a billion octaves': {
    bytes: () => svgFile(filtered('<feTurbulence numOctaves="1000000000"/>')),
    reasons: ['too-large'],
  },
  'a vast kernel': {
    bytes: () => svgFile(filtered('<feMorphology radius="5000"/>')),
    reasons: ['too-large'],
  },
  'a thousand layers within each other': {
    bytes: () => svgFile('<g opacity=".5">'.repeat(1000) + '</g>'.repeat(1000)),
    reasons: ['too-large'],
  },
  'many layers side by side': {
    bytes: () => svgFile('<g opacity=".5"><path d="M0 0h9v9z"/></g>'.repeat(30_000)),
    reasons: ['too-large'],
  },
  'a vast size': { bytes: () => svgFile(SQUARE, 'width="900000" height="900000"'), reasons: ['too-large'] },
  'a value of ten million characters': {
    bytes: () => svgFile(`<path d="M0 0${'h1'.repeat(5_000_000)}"/>`),
    reasons: ['too-large'],
  },
  'more elements than are read': { bytes: () => svgFile('<g/>'.repeat(250_000)), reasons: ['too-large'] },
  'a document of another kind': {
    bytes: () => Buffer.from('<?xml version="1.0"?><a><svg/></a>'),
    reasons: ['unsupported', 'corrupt'],
  },
  'a tag left open': {
    bytes: () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><g>'),
    reasons: ['corrupt'],
  },
  'tags that cross': { bytes: () => svgFile('<g><a></g></a>'), reasons: ['corrupt'] },
  'an attribute twice': { bytes: () => svgFile('<rect x="1" x="2"/>'), reasons: ['corrupt'] },
  'a prefix that nobody declared': { bytes: () => svgFile('<rect evil:x="1"/>'), reasons: ['corrupt'] },
  'bytes that are no text': {
    bytes: () =>
      Buffer.concat([
        Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'),
        Buffer.of(0xff, 0xfe, 0x80),
        Buffer.from('</svg>'),
      ]),
    reasons: ['corrupt'],
  },
};

function filtered(step: string): string {
  return `<filter id="f">${step}</filter><rect width="99" height="70" filter="url(#f)"/>`;
}

/** @param subset what stands between the brackets of the DOCTYPE. */
export function withDoctype(subset: string, inside: string, attributes?: string): Uint8Array {
  return Buffer.concat([
    Buffer.from(`<?xml version="1.0"?><!DOCTYPE svg [${subset}]>`),
    svgFile(inside, attributes),
  ]);
}

/** Each a way in which a drawing may run something or reach out. */
export const DANGERS: Record<string, string> = {
  'a script': '<script>evil()</script>',
  'a script under a prefix': '<s:script xmlns:s="http://www.w3.org/2000/svg">evil()</s:script>',
  'a handler': '<rect onload="evil()" width="9" height="9"/>',
  HTML: '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="http://evil/"/></body></foreignObject>',
  'a link that runs': '<a xlink:href="java&#9;script:evil()"><rect width="9" height="9"/></a>',
  'a reference under a prefix': '<image e:href="http://evil/a.png" xmlns:e="http://www.w3.org/1999/xlink"/>',
  'a drawing in a reference': '<image href="data:image/svg+xml;base64,ZXZpbA=="/>',
  'an imported sheet': '<style>@import url("http://evil/a.css");</style>',
  'an address in a sheet': '<style>rect{fill:url(http://evil/a.svg#x)}</style>',
  'an escaped address in a sheet': '<style>rect{fill:\\75rl(http://evil/a.svg#x)}</style>',
  'an address in an attribute': '<rect fill="url(http://evil/a.svg#x)" style="mask:url(//evil/m.svg#m)"/>',
  'an animation of a reference':
    '<a><set attributeName="xlink:href" to="http://evil/"/><rect width="9" height="9"/></a>',
  'a font elsewhere': '<style>@font-face{font-family:far;src:url(http://evil/a.woff)}</style>',
  'an instruction': '<?xml-stylesheet href="http://evil/a.css"?>',
};
