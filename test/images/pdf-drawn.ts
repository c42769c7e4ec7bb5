/** Pages of a PDF as poppler draws them, for tests that another program should see what we see. */
import { execFileSync } from 'node:child_process';

/** @returns the first three pages at 40 dots an inch, as PPM files one after the other; null where poppler is not installed. */
export function drawPdf(bytes: Uint8Array): Buffer | null {
  try {
    const args = ['-r', '40', '-l', '3', '-'];
    return execFileSync('pdftoppm', args, {
      input: bytes,
      maxBuffer: 256 << 20,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return null;
  }
}
