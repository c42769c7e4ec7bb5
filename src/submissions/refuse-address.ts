/** Addresses to fetch from or to call back at that cannot be right, told apart before anything is taken in. */
import { Problem } from '../lib/problem.ts';
import type { AllowedPrivate } from '../outbound/allowed.ts';
import { OutboundFailure } from '../outbound/failure.ts';
import { checkAddress } from '../outbound/outbound.ts';

/** @throws Problem `invalid-parameter` for what can be told from the address alone, before anything is looked up. */
export function refuseAddress(url: string, allowed: AllowedPrivate[]): void {
  try {
    checkAddress(url, allowed);
  } catch (error) {
    if (!(error instanceof OutboundFailure)) throw error;
    throw new Problem('invalid-parameter', error.message, { parameter: 'url' });
  }
}
