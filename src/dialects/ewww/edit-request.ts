/** Reads the forms of pages that make an image anew rather than smaller: turned upright, resized, with fewer colours. Pure. */
import { Problem } from '../../lib/problem.ts';
import type { Form, Submission, SubmissionOptions } from '../dialect.ts';
import { readInteger, readSent } from './form.ts';
import { type Kind, kindOf } from './kind.ts';

/** No image has a longer side. */
const MOST_PIXELS_A_SIDE = 65_535;

/** @returns null for files of a kind that the page does not take. @throws Problem `unauthorized` | `empty-body` | `invalid-parameter` */
export type EditReader = (form: Form) => Submission | null;

/** Lossless, unoptimized, with its metadata, at no credit (API reference). */
export const readRotate: EditReader = (form) =>
  edit(form, false, (kind) =>
    kind === 'jpeg'
      ? { targets: ['same'], fidelity: 'lossless', metadata: 'all', upright: true, effort: 'fast' }
      : null,
  );

/**
 * A part of the image, scaled to a size: the arguments of PHP's imagecopyresampled (WordPress plugin). The canvas is as
 * large as what is drawn on it, so it starts at its corner.
 */
export const readResize: EditReader = (form) => {
  const number = (name: string, min: number, max = MOST_PIXELS_A_SIDE) => {
    const value = readInteger(form, name, min, max);
    if (value === undefined) throw new Problem('invalid-parameter', `${name} is missing or out of bounds.`);
    return value;
  };
  for (const name of ['dst_x', 'dst_y']) if (form.fields[name] !== undefined) number(name, 0, 0);
  const crop = {
    x: number('src_x', 0),
    y: number('src_y', 0),
    width: number('src_w', 1),
    height: number('src_h', 1),
  };
  const resize = { width: number('dst_w', 1), height: number('dst_h', 1), fit: 'fill' as const };
  return edit(form, true, (kind) => {
    const fidelity = kind && FIDELITY_RESIZED[kind];
    return fidelity ? { targets: ['same'], fidelity, metadata: 'none', crop, resize } : null;
  });
};

/** What is resized is sent to be optimized afterwards: little may be lost before. A GIF cannot hold all colours in between. */
const FIDELITY_RESIZED: Partial<Record<Kind, SubmissionOptions['fidelity']>> = {
  jpeg: 'glossy',
  png: 'lossless',
  webp: 'glossy',
  gif: 'lossy',
};

export const readReducePng: EditReader = (form) => {
  const colours = readInteger(form, 'colors', 2, 256);
  if (colours === undefined) throw new Problem('invalid-parameter', 'colors is not a number from 2 to 256.');
  return edit(form, true, (kind) =>
    kind === 'png' ? { targets: ['png'], metadata: 'none', colours } : null,
  );
};

function edit(
  form: Form,
  charge: boolean,
  optionsFor: (kind: Kind | null) => SubmissionOptions | null,
): Submission | null {
  const sent = readSent(form);
  const options = optionsFor(kindOf(sent.source.bytes));
  return options && { ...sent, options, accept: 'any', charge };
}
