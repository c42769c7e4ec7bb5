/**
 * The validated, frozen configuration. Reads the variables that `env.ts` describes, reports every
 * fault in one error, and leaves it to `app.ts` to hand each part its slice.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateFiles } from '../lib/certificate.ts';
import { type Environment, environment, VARIABLES, type Variable } from './env.ts';

type Values = { [Key in keyof typeof VARIABLES]: (typeof VARIABLES)[Key]['default'] };

/** Times in milliseconds, sizes in bytes, folders absolute. */
export type Config = Readonly<
  Omit<Values, 'blobFolder' | 'tlsCert' | 'tlsKey'> & {
    blobFolder: string;
    /** Null where only HTTP is served. */
    certificateFiles: CertificateFiles | null;
  }
>;

/** The message lists every fault, a line each; fit to be shown as it is. */
export class ConfigError extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(['The configuration cannot be used:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * @param env variables by name; blank ones count as unset.
 * @throws ConfigError naming each variable at fault and what is wrong with it.
 */
export function readConfig(env: Environment = environment): Config {
  const faults: string[] = [];
  const entries = Object.entries(VARIABLES).map(([key, variable]) => {
    try {
      return [key, readVariable(variable as Variable<unknown>, env)];
    } catch (error) {
      faults.push(`${variable.name} ${(error as Error).message}`);
      return [key, variable.default];
    }
  });
  const { tlsCert, tlsKey, ...values } = Object.fromEntries(entries) as Values;
  if ((tlsCert === null) !== (tlsKey === null)) {
    const [missing, given] = tlsKey === null ? ['TLS_KEY', 'TLS_CERT'] : ['TLS_CERT', 'TLS_KEY'];
    faults.push(`${missing} must be set where ${given} is.`);
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({
    ...values,
    blobFolder: values.blobFolder ?? join(values.dataDir, 'blobs'),
    certificateFiles: tlsCert && tlsKey ? { certPath: tlsCert, keyPath: tlsKey } : null,
  });
}

/**
 * The folder of the server's data, whatever is wrong with other variables: a certificate is made before the variables
 * that name it can be true.
 */
export function readDataFolder(env: Environment = environment): string {
  return readVariable(VARIABLES.dataDir, env);
}

function readVariable<Value>(variable: Variable<Value>, env: Environment): Value {
  const text = (variable.secret ? secretOf(variable.name, env) : env[variable.name])?.trim();
  if (!text) return variable.default;
  try {
    return variable.parse(text);
  } catch (error) {
    const given = variable.secret ? '' : `, not ${JSON.stringify(text)}`;
    throw new Error(`${(error as Error).message}${given}.`);
  }
}

/** A secret stands in its variable or, as container platforms mount them, in the file that `NAME_FILE` names. */
function secretOf(name: string, env: Environment): string | undefined {
  const file = env[`${name}_FILE`];
  if (!file) return env[name];
  if (env[name]) throw new Error(`is set twice: use ${name} or ${name}_FILE.`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot be read from ${name}_FILE: ${(error as Error).message}.`);
  }
}
