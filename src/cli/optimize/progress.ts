/** The bar below the lines of a run: on stderr, and only when that is a terminal. */
import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { MultiBar } from 'cli-progress';
import { formatBytes } from '../format.ts';

export interface Progress {
  /** One more file is done. */
  advance(bytesSaved: number): void;
  /** Runs `print`, which writes whole lines, with the bar out of its way. */
  around(print: () => void): void;
  /** Takes the bar away. */
  end(): void;
}

export function openProgress(total: number, stream: WriteStream): Progress {
  if (!stream.isTTY || total === 0)
    return { advance: () => undefined, around: (print) => print(), end: () => undefined };
  // The cursor stays, and long bars are cut instead of switching wrapping off: a killed process could undo neither.
  const bars = new MultiBar({
    stream,
    format: '{bar} {value}/{total} files, {saved} saved',
    barCompleteChar: '#',
    barIncompleteChar: '.',
    barsize: 24,
    hideCursor: false,
    linewrap: true,
    clearOnComplete: true,
    gracefulExit: false,
    forceRedraw: true,
  });
  let saved = 0;
  const bar = bars.create(total, 0, { saved: formatBytes(0) });
  return {
    advance(bytesSaved) {
      saved += bytesSaved;
      bar.increment(1, { saved: formatBytes(saved) });
    },
    around(print) {
      cursorTo(stream, 0);
      clearLine(stream, 0);
      print();
      bars.update();
    },
    end: () => bars.stop(),
  };
}
