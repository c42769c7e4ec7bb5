/** The nine parts of a picture that a viewer points at, with a pointer or with the arrow keys. */

const NAMES = [
  ...['top left', 'top', 'top right'],
  ...['left', 'middle', 'right'],
  ...['bottom left', 'bottom', 'bottom right'],
];
const MIDDLE = 4;

/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {number} part */
export function nameOfPart(part) {
  return NAMES[part] ?? '';
}

/**
 * @param {HTMLElement} group is filled with nine buttons.
 * @param {(part: number) => void} onChoice
 */
export function createParts(group, onChoice) {
  const buttons = NAMES.map((name, part) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-label', name);
    button.addEventListener('click', () => onChoice(part));
    button.addEventListener('keydown', (event) => move(event, part));
    return button;
  });
  group.append(...buttons);

  /**
   * @param {KeyboardEvent} event
   * @param {number} part
   */
  function move(event, part) {
    const by = MOVES[event.key];
    if (!by) return;
    event.preventDefault();
    /** @param {number} value */
    const within = (value) => Math.min(2, Math.max(0, value));
    focus(within((part % 3) + by[0]) + 3 * within(Math.floor(part / 3) + by[1]));
  }

  /** @param {number} part */
  function focus(part) {
    for (const [at, button] of buttons.entries()) button.tabIndex = at === part ? 0 : -1;
    buttons[part]?.focus();
  }

  return {
    /** Lets the viewer choose. */
    ask() {
      for (const button of buttons) button.disabled = false;
      group.hidden = false;
      group.classList.remove('telling');
      focus(MIDDLE);
    },
    /**
     * Shows where something was to be seen.
     * @param {number} part
     */
    tell(part) {
      for (const [at, button] of buttons.entries()) {
        button.disabled = true;
        button.classList.toggle('told', at === part);
      }
      group.classList.add('telling');
      group.hidden = false;
    },
    hide() {
      for (const button of buttons) button.classList.remove('told');
      group.hidden = true;
    },
  };
}
