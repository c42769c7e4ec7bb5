/** From a table of human judgments to the shipped model and the report on it. Pure: the same in, the same out. */
import { createHash } from 'node:crypto';
import type { ErrorModel, JndModel, Network } from '../../src/engine/metric/jnd-network.ts';
import { parseAic4 } from './aic4.ts';
import { fitErrorModel } from './error-model.ts';
import { evaluate, type Standing } from './evaluate.ts';
import { createLab, type Lab } from './lab.ts';
import { doubtOf, scoreAlone, veto } from './models.ts';

export interface Training {
  model: JndModel;
  standings: Standing[];
}

/** Splits lie three deep: one source held out, one for the veto's weight, one more where a codec's offset is judged. */
const LEAST_SOURCES = 4;

/**
 * @param table the JPEG AIC-4 sample as CSV.
 * @param seed the same table and seed give the same model.
 * @throws Error when the table lacks columns, numbers or sources.
 */
export function train(table: string, seed: number): Training {
  const lab = createLab(parseAic4(table), seed);
  if (lab.sources.length < LEAST_SOURCES) {
    throw new Error(`${lab.sources.length} sources cannot be split: at least ${LEAST_SOURCES} are needed.`);
  }
  const standings = evaluate(lab, seed);
  const dataSha256 = createHash('sha256').update(table).digest('hex');
  return { model: { dataSha256, seed, ...fitShipped(lab, standings) }, standings };
}

function fitShipped(lab: Lab, standings: Standing[]): Omit<JndModel, 'dataSha256' | 'seed'> {
  return {
    structure: lab.ensemble('structure', lab.sources).map(roundNetwork),
    score: lab.ensemble('score', lab.sources).map(roundNetwork),
    doubt: round(doubtOf(lab, lab.sources)),
    error: roundError(fitErrorModel(standingOf(standings, veto.name).heldOut)),
    scoreError: roundError(fitErrorModel(standingOf(standings, scoreAlone.name).heldOut)),
    recalibration: null,
  };
}

export function standingOf(standings: Standing[], name: string): Standing {
  return standings.find(({ model }) => model.name === name)!;
}

/** Six digits: more than the data carries, and fewer than machines differ in. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}

function roundNetwork(network: Network): Network {
  return network.map(({ height, offset, slopes }) => ({
    height: round(height),
    offset: round(offset),
    slopes: slopes.map(round),
  }));
}

function roundError({ scale, power }: ErrorModel): ErrorModel {
  return { scale: round(scale), power: round(power) };
}
