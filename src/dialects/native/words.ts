/** The closed lists of the native API, which parameters and replies share. */

/** What may be asked for. */
export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
/** What results may be: drawings and documents stay what they are. */
export const RESULT_FORMATS = [...FORMATS, 'svg', 'pdf'] as const;
export const METADATA_POLICIES = ['none', 'copyright', 'private-stripped', 'all'] as const;
export const FITS = ['inside', 'outside', 'cover', 'fill'] as const;
export const GRAVITIES = [
  'centre',
  'smart',
  'top',
  'top-right',
  'right',
  'bottom-right',
  'bottom',
  'bottom-left',
  'left',
  'top-left',
] as const;
export const TURNS = ['90', '180', '270', 'flop', 'flip', 'transpose', 'transverse'] as const;
export const FIDELITIES = ['lossless', 'glossy', 'lossy'] as const;
export const EFFORTS = ['fast', 'usual', 'thorough'] as const;
export const CMYK = ['convert', 'keep'] as const;
export const FRAMES = ['all', 'first'] as const;
export const GATES = ['smaller', 'any'] as const;
