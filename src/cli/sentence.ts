/** Words an error for a person at a terminal: one line, no stack, no codes where a word exists. */

const SYSTEM_ERRORS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EEXIST: 'exists already',
  EISDIR: 'is a folder',
  ELOOP: 'too many levels of links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'a part of the path is not a folder',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ERR_FS_FILE_TOO_LARGE: 'the file is too large to read',
};

/** @returns the error as one line; a system error as its plain words, with the path when it names one and `withPath` is set. */
export function sentence(error: unknown, withPath = false): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const { code, path } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (words === undefined) return oneLine(error.message || error.name);
  return withPath && path ? oneLine(`${path}: ${words}`) : words;
}

/** Control characters in a file name or message must neither break the line nor reach the terminal. */
export function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/\p{Cc}/gu, (character) => {
    return `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`;
  });
}
