/**
 * The scene that the documentation's pictures show, drawn for it: what encoders find hard is all in it, a soft sky,
 * hard edges, fine texture, small signs and a strong colour beside a pale one.
 */
import sharp from 'sharp';
import '../../src/engine/codecs/sharp.ts';
import type { Pixels } from '../../src/engine/contract.ts';
import { edited } from '../../test/images/damage.ts';
import { randomNumbers } from '../../test/images/pixels.ts';

export const WIDTH = 400;
export const HEIGHT = 300;
/** Parts of the scene, in pixels. */
export const SKY = { x: 0, y: 0, width: WIDTH, height: 96 };
export const ROOF = { x: 148, y: 108, width: 128, height: 52 };
export const SIGN = { x: 291, y: 195, width: 86, height: 42 };
/** Above this row there is no grass. */
const MEADOW = 205;

const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 400 300">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#5b8fc7"/><stop offset="1" stop-color="#cfe0ea"/></linearGradient>
    <linearGradient id="wall" x2="1" y2="0"><stop stop-color="#efe3cb"/><stop offset="1" stop-color="#d9c7a6"/></linearGradient>
    <radialGradient id="sun"><stop stop-color="#fff6d8"/><stop offset="0.25" stop-color="#ffe9a8" stop-opacity="0.8"/><stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/></radialGradient>
  </defs>
  <rect width="400" height="300" fill="url(#sky)"/>
  <circle cx="330" cy="48" r="60" fill="url(#sun)"/>
  <path d="M0 170 L60 112 L98 140 L150 92 L214 150 L270 118 L340 156 L400 126 V230 H0 Z" fill="#7f93a3"/>
  <path d="M150 92 L130 112 L142 116 L150 108 L160 118 L172 112 Z M60 112 L48 124 L58 126 L66 122 L74 124 Z" fill="#eef3f5"/>
  <path d="M0 196 C70 164 150 214 230 188 S360 178 400 196 V300 H0 Z" fill="#6f8f4b"/>
  <path d="M0 222 C120 196 210 240 400 208 V300 H0 Z" fill="#5d8040"/>
  <rect x="164" y="158" width="98" height="74" fill="url(#wall)"/>
  <path d="M148 160 L212 108 L276 160 Z" fill="#b3372c"/>
  <path d="M148 160 H276 M156 153 H268 M165 146 H260 M174 139 H251 M182 132 H242 M191 125 H234" stroke="#8d2720" stroke-width="1.5"/>
  <rect x="236" y="112" width="12" height="26" fill="#8b5a44"/>
  <g fill="#38536a" stroke="#fbf7ee" stroke-width="2.5"><rect x="176" y="174" width="22" height="22"/><rect x="228" y="174" width="22" height="22"/><path d="M187 174 V196 M176 185 H198 M239 174 V196 M228 185 H250"/></g>
  <path d="M204 232 V196 A9 9 0 0 1 222 196 V232 Z" fill="#5a3d2b"/>
  <g stroke="#e9e4d6" stroke-width="2.5"><path d="M0 236 L150 246 M0 250 L150 260"/><path d="M12 228 V266 M34 229 V268 M56 231 V269 M78 232 V271 M100 234 V272 M122 235 V274"/></g>
  <path d="M70 214 L78 120 L86 214 Z" fill="#5a4030"/>
  <g fill="#3f6b35"><circle cx="78" cy="130" r="30"/><circle cx="58" cy="150" r="22"/><circle cx="98" cy="152" r="23"/></g>
  <rect x="330" y="232" width="7" height="44" fill="#5a4030"/>
  <rect x="292" y="196" width="84" height="40" rx="3" fill="#f4f0e4" stroke="#5a4030" stroke-width="2"/>
  <g fill="none" stroke="#22313c" stroke-width="2">
    <path d="M299 204 V216 M306 204 L299 210 L306 216 M317 204 H310 V216 H317 M310 210 H316 M328 204 H321 V216 H328 M321 210 H327 M332 216 V204 L339 216 V204 M350 204 H343 V216 H350 M343 210 H349 M353 204 L357 210 V216 M361 204 L357 210 M371 204 H364 V216 H371 M364 210 H370"/>
  </g>
  <path d="M300 223 H318 M322 223 H346 M350 223 H366 M300 228 H332 M336 228 H360" stroke="#22313c" stroke-width="1"/>
  <g fill="#d8435a"><circle cx="24" cy="284" r="3"/><circle cx="48" cy="290" r="3"/><circle cx="92" cy="286" r="3"/><circle cx="210" cy="280" r="3"/><circle cx="262" cy="288" r="3"/><circle cx="300" cy="284" r="3"/></g>
  <g fill="#f2c94c"><circle cx="36" cy="278" r="2.5"/><circle cx="70" cy="282" r="2.5"/><circle cx="140" cy="290" r="2.5"/><circle cx="238" cy="272" r="2.5"/><circle cx="380" cy="286" r="2.5"/></g>
</svg>`;

/** @returns the scene with grass, leaves and a little grain, the same on every run. */
export async function drawScene(): Promise<Pixels> {
  const drawn: Pixels = { data: await rasterize(), width: WIDTH, height: HEIGHT, channels: 3 };
  const random = randomNumbers(11);
  const blades = Float32Array.from({ length: WIDTH }, () => random());
  return edited(drawn, ([red, green, blue], x, y) => {
    const isGreen = green! > red! + 12 && green! > blue! + 12;
    const blade = blades[(x + ((y * y) >> 6)) % WIDTH]! + random();
    const depth = isGreen ? (y > MEADOW ? 34 : 24) : 1.5;
    const shade = depth * (isGreen ? blade / 2 + random() / 2 - 0.75 : random() - 0.5);
    return [red! + shade, green! + shade, blue! + shade * 0.7];
  });
}

/** The engine reads no SVG and has sharp refuse it; here the drawing is our own. */
function rasterize(): Promise<Uint8Array> {
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] });
  return sharp(Buffer.from(DRAWING)).removeAlpha().toColourspace('srgb').raw().toBuffer();
}
