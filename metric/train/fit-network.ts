/** Fits one monotone network to human judgments. */
import { type Network, softplus, type Unit } from '../../src/engine/metric/jnd-network.ts';
import { leastSquares, type Residuals } from './least-squares.ts';
import type { Random } from './random.ts';
import { mean } from './statistics.ts';

const UNITS = 3;
/** How strongly parameters are held to where they start, against the squared errors in JND. */
const RIDGE = 0.02;

/**
 * The network of `UNITS` softplus units that comes closest to `human`, from a random start.
 * @param rows the features of each sample.
 * @param human its difference in JND.
 */
export function fitNetwork(rows: number[][], human: number[], random: Random): Network {
  const inputs = rows[0]!.length;
  const centre = Array.from({ length: inputs }, (_, at) => mean(rows.map((row) => row[at]!)));
  const centred = rows.map((row) => row.map((value, at) => value - centre[at]!));
  const start = Array.from({ length: UNITS }, () => startUnit(inputs, random)).flat();
  const point = leastSquares(start, (parameters) => residuals(parameters, centred, human, start));
  return toNetwork(point, inputs).map((unit) => ({
    ...unit,
    offset: unit.slopes.reduce((offset, slope, at) => offset - slope * centre[at]!, unit.offset),
  }));
}

/** Parameters of a unit: log of the height, offset, logs of the slopes. What must be positive is so by its log. */
function startUnit(inputs: number, random: Random): number[] {
  const jitter = (size: number) => size * (2 * random.next() - 1);
  const slopes = Array.from({ length: inputs }, () => jitter(0.4) - Math.log(inputs));
  return [jitter(0.2) - Math.log(UNITS), jitter(1.5), ...slopes];
}

function toNetwork(parameters: number[], inputs: number): Network {
  return Array.from({ length: UNITS }, (_, unit) => {
    const [height, offset, ...slopes] = parameters.slice(unit * (inputs + 2), (unit + 1) * (inputs + 2));
    return { height: Math.exp(height!), offset: offset!, slopes: slopes.map(Math.exp) };
  });
}

/** Errors in JND, and behind them how far the parameters have left their start. */
function residuals(parameters: number[], rows: number[][], human: number[], start: number[]): Residuals {
  const inputs = rows[0]!.length;
  const network = toNetwork(parameters, inputs);
  const derivatives = rows.map((row) => network.flatMap((unit) => gradient(unit, row)));
  const pull = Math.sqrt(RIDGE);
  const held = parameters.map((value, at) => pull * (value - start[at]!));
  return {
    values: [...derivatives.map((row, at) => response(row, inputs) - human[at]!), ...held],
    jacobian: [
      ...derivatives,
      ...parameters.map((_, at) => parameters.map((_, column) => (at === column ? pull : 0))),
    ],
  };
}

/** Derivatives of a unit's response by its parameters. */
function gradient({ height, offset, slopes }: Unit, row: number[]): number[] {
  let input = offset;
  for (let at = 0; at < slopes.length; at++) input += slopes[at]! * row[at]!;
  const rise = height / (1 + Math.exp(-input));
  const derivatives = [height * softplus(input), rise];
  for (let at = 0; at < slopes.length; at++) derivatives.push(rise * slopes[at]! * row[at]!);
  return derivatives;
}

/** The response of all units: the derivative by the log of a height is what its unit adds. */
function response(derivatives: number[], inputs: number): number {
  let sum = 0;
  for (let at = 0; at < derivatives.length; at += inputs + 2) sum += derivatives[at]!;
  return sum;
}
