/** How long and how large what is said of a key can be, wherever it is said. */

export const KEY_BOUNDS = {
  nameLength: 200,
  /** RFC 5321, 4.5.3.1.3, less its angle brackets. */
  emailLength: 254,
  credits: 2_000_000_000,
  /** A minute. */
  requests: 1_000_000,
  floor: { min: 50, max: 95 },
} as const;

export const EMAIL = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;
/** What a protocol calls an endpoint, or all others. */
export const ENDPOINT = /^(?:[\w.:/-]{1,100}|\*)$/;
