/** The few signs that a legend is written with, drawn for it: five by seven pixels each, `#` is ink. */

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

const ROWS: Record<string, string> = {
  '0': ' ### |#   #|#  ##|# # #|##  #|#   #| ### ',
  '1': '  #  | ##  |  #  |  #  |  #  |  #  | ### ',
  '2': ' ### |#   #|    #|   # |  #  | #   |#####',
  '3': '#### |    #|    #| ### |    #|    #|#### ',
  '4': '   # |  ## | # # |#  # |#####|   # |   # ',
  '5': '#####|#    |#### |    #|    #|#   #| ### ',
  '6': '  ## | #   |#    |#### |#   #|#   #| ### ',
  '7': '#####|    #|   # |  #  |  #  |  #  |  #  ',
  '8': ' ### |#   #|#   #| ### |#   #|#   #| ### ',
  '9': ' ### |#   #|#   #| ####|    #|   # | ##  ',
  A: ' ### |#   #|#   #|#####|#   #|#   #|#   #',
  C: ' ### |#   #|#    |#    |#    |#   #| ### ',
  E: '#####|#    |#    |#### |#    |#    |#####',
  L: '#    |#    |#    |#    |#    |#    |#####',
  O: ' ### |#   #|#   #|#   #|#   #|#   #| ### ',
  R: '#### |#   #|#   #|#### |# #  |#  # |#   #',
  S: ' ####|#    |#    | ### |    #|    #|#### ',
};

/** Where the ink of a sign is, row by row; none for a sign that was never drawn, such as a space. */
export function glyph(sign: string): { x: number; y: number }[] {
  const rows = (ROWS[sign] ?? '').split('|');
  return rows.flatMap((row, y) => [...row].flatMap((ink, x) => (ink === '#' ? [{ x, y }] : [])));
}
