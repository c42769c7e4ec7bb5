/**
 * Two images in one place, by turns, one image pixel on one pixel of the screen. When they are shown and for how long
 * somebody looks is not decided here.
 */

/** Each image stands for a quarter of a second: both together come round twice a second. */
export const STANDS_MS = 250;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} frame what surrounds the canvas closely and is moved with it.
 */
export function createFlicker(canvas, frame) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  /** @type {ImageBitmap[]} */
  let images = [];
  let startedAt = 0;
  let shown = -1;
  let request = 0;

  /** @param {number} now */
  function draw(now) {
    request = requestAnimationFrame(draw);
    if (startedAt === 0) startedAt = now;
    const next = Math.floor((now - startedAt) / STANDS_MS) % 2;
    if (next === shown) return;
    context.drawImage(/** @type {ImageBitmap} */ (images[next]), 0, 0);
    shown = next;
  }

  /** One pixel of the image must fall on exactly one of the screen, or it would be blurred. */
  function fit() {
    const ratio = window.devicePixelRatio;
    canvas.style.width = `${canvas.width / ratio}px`;
    canvas.style.height = `${canvas.height / ratio}px`;
    frame.style.transform = 'none';
    const { left, top } = frame.getBoundingClientRect();
    /** @param {number} offset */
    const toPixel = (offset) => Math.round(offset * ratio) / ratio - offset;
    frame.style.transform = `translate(${toPixel(left)}px, ${toPixel(top)}px)`;
  }

  return {
    fit,
    /**
     * Begins with the first of the two.
     * @param {ImageBitmap[]} pair of one size.
     */
    show(pair) {
      images = pair;
      canvas.width = pair[0]?.width ?? 0;
      canvas.height = pair[0]?.height ?? 0;
      fit();
      this.resume();
    },
    resume() {
      cancelAnimationFrame(request);
      [startedAt, shown] = [0, -1];
      request = requestAnimationFrame(draw);
    },
    /** Leaves the surround's grey. */
    blank() {
      cancelAnimationFrame(request);
      context.fillStyle = getComputedStyle(canvas).backgroundColor;
      context.fillRect(0, 0, canvas.width, canvas.height);
    },
  };
}
