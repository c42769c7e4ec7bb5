/** What the page asks of the server. What can pass is tried again until it does; what cannot is thrown. */

/**
 * @typedef {{ practice: boolean, answered: boolean, width: number, height: number }} Trial
 * @typedef {{ answer: 'same' | 'different', part: number | null }} Truth
 * @typedef {Truth & { tookMs: number }} Answer
 */

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;

/** Something that the server refused for good; its message is for the viewer. */
export class Refusal extends Error {}

/**
 * @param {string} study the address of the study.
 * @param {string} viewer
 * @param {(trouble: string | null) => void} onTrouble is told why something is tried again, and null when it has passed.
 */
export function createServer(study, viewer, onTrouble) {
  const own = `${study}/viewers/${viewer}`;

  /**
   * @param {string} path
   * @param {RequestInit} [request]
   * @returns {Promise<Response>}
   */
  async function ask(path, request) {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
      const response = await fetch(path, request).catch(() => null);
      if (response?.ok) {
        onTrouble(null);
        return response;
      }
      if (response && response.status < 500 && response.status !== 429) throw await refusal(response);
      onTrouble((await detailOf(response)) ?? 'The server does not answer.');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /**
   * @param {string} path
   * @param {object} body
   */
  async function put(path, body) {
    const headers = { 'content-type': 'application/json' };
    return (await ask(path, { method: 'PUT', headers, body: JSON.stringify(body) })).json();
  }

  /**
   * @param {number} position
   * @param {number} side
   */
  async function image(position, side) {
    const blob = await (await ask(`${own}/images/${position}/${side}`)).blob();
    // The samples as they are: neither image may be taken to another colour space.
    return createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  }

  return {
    /** @returns {Promise<{ name: string }>} */
    name: async () => (await ask(`${study}/name`)).json(),
    /** @returns {Promise<{ trials: Trial[] }>} */
    join: () =>
      put(own, {
        devicePixelRatio: window.devicePixelRatio,
        screenWidth: screen.width,
        screenHeight: screen.height,
        windowWidth: window.innerWidth,
        windowHeight: window.innerHeight,
      }),
    /**
     * Both images of a trial.
     * @param {number} position
     */
    images: (position) => Promise.all([image(position, 0), image(position, 1)]),
    /**
     * @param {number} position
     * @param {Answer} answer
     * @returns {Promise<{ truth: Truth | null }>} the truth of a practice trial only.
     */
    answer: (position, answer) => put(`${own}/answers/${position}`, answer),
  };
}

/** @param {Response} response */
async function refusal(response) {
  return new Refusal((await detailOf(response)) ?? `The server answered ${response.status}.`);
}

/**
 * What the server says of a refusal; null when it says nothing, or somebody else answered.
 * @param {Response | null} response
 * @returns {Promise<string | null>}
 */
async function detailOf(response) {
  const problem = await response?.json().catch(() => null);
  return problem?.detail ?? null;
}
