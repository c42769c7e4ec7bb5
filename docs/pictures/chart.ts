/** A chart's frame: axes with ticks, and where values lie in it. What is drawn into it is the pictures' own. */
import { INK, PALE, path, text } from './drawing.ts';

/** A range of values along an axis and the ticks that it shows. */
interface Axis {
  from: number;
  to: number;
  ticks: number[];
  name: string;
  /** How a tick is written, as it is by default. */
  write?: (tick: number) => string;
}

export interface Chart {
  /** Pixels of a value. */
  x(value: number): number;
  y(value: number): number;
  /** Axes, ticks and names. */
  frame: string[];
}

/** @param box in pixels; names and ticks lie left of it and below. An axis without ticks is not drawn. */
export function chart(
  box: { left: number; top: number; width: number; height: number },
  across: Axis,
  up: Axis,
): Chart {
  const bottom = box.top + box.height;
  const x = (value: number) => box.left + (box.width * (value - across.from)) / (across.to - across.from);
  const y = (value: number) => bottom - (box.height * (value - up.from)) / (up.to - up.from);
  const grid = `stroke="${PALE}" stroke-width="0.5" opacity="0.6"`;
  return {
    x,
    y,
    frame: [
      ...across.ticks.map((tick) =>
        path(
          [
            [x(tick), box.top],
            [x(tick), bottom],
          ],
          grid,
        ),
      ),
      ...up.ticks.map((tick) =>
        path(
          [
            [box.left, y(tick)],
            [box.left + box.width, y(tick)],
          ],
          grid,
        ),
      ),
      path(
        [
          [box.left, box.top],
          [box.left, bottom],
          [box.left + box.width, bottom],
        ],
        `stroke="${INK}"`,
      ),
      ...across.ticks.map((tick) =>
        text(x(tick), bottom + 18, written(across, tick), 'text-anchor="middle"'),
      ),
      ...up.ticks.map((tick) => text(box.left - 8, y(tick) + 4, written(up, tick), 'text-anchor="end"')),
      text(box.left + box.width / 2, bottom + 38, across.name, 'text-anchor="middle"'),
      text(box.left, box.top - 10, up.name, 'text-anchor="start"'),
    ],
  };
}

function written({ write = String }: Axis, tick: number): string {
  return write(tick);
}
