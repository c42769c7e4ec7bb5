/**
 * A real browser for tests: the one that CHROMIUM names, the system's, or else the one that comes from npm with
 * libraries and fonts of its own, so that it starts on a machine that has neither. Where none starts, the test fails.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

export interface OpenBrowser {
  browser: Browser;
  /** Ends it and removes what was unpacked for it. */
  close(): Promise<void>;
}

interface Executable {
  path: string;
  env: Record<string, string | undefined>;
  /** Holds what was unpacked; null where nothing was. */
  folder: string | null;
}

const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Root has no sandbox, and containers have no GPU and a small /dev/shm. */
const ARGS = ['--no-sandbox', '--disable-gpu', '--no-zygote', '--disable-dev-shm-usage'];

/** @throws Error that says what was tried and why it did not start. */
export async function openBrowser(): Promise<OpenBrowser> {
  const executable = await findExecutable();
  const { path, env, folder } = executable;
  const remove = async () => {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  };
  try {
    const browser = await chromium.launch({ executablePath: path, args: ARGS, env });
    return {
      browser,
      async close() {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw new Error(
      `No browser could be started from ${path}. Install Chromium, or name one in CHROMIUM: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function findExecutable(): Promise<Executable> {
  const named = process.env.CHROMIUM || SYSTEM_PATHS.find((path) => existsSync(path));
  if (named) return { path: named, env: process.env, folder: null };
  return unpackBrowser();
}

/**
 * The package unpacks to the system's folder for temporary files, where two runs would meet, and brings its libraries
 * along only where it believes to be on its home cloud. So it is given a folder of its own and told that it is.
 */
async function unpackBrowser(): Promise<Executable> {
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-browser-'));
  const before = { ...process.env };
  process.env.TMPDIR = folder;
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x';
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    const path = await packed.executablePath();
    const env = {
      ...before,
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    };
    await writeFile(env.FONTCONFIG_FILE, fontsConfig([join(folder, 'fonts'), '/usr/share/fonts'], folder));
    return { path, env, folder };
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

function fontsConfig(folders: string[], cache: string): string {
  const dirs = folders.map((folder) => `<dir>${folder}</dir>`).join('');
  return `<?xml version="1.0"?><fontconfig>${dirs}<cachedir>${join(cache, 'fonts-cache')}</cachedir></fontconfig>\n`;
}
