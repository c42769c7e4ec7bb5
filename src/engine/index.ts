/** The engine as a library: `import { optimize } from 'keeneye/engine'`. Everything else is internal. */
export * from './contract.ts';
export { EngineFailure, type FailureCode } from './failure.ts';
export { compare } from './judge.ts';
export { optimize } from './optimize.ts';
export { createPool, type Pool, type PoolOptions, type PoolStats } from './pool.ts';
export { ENGINE_VERSION } from './version.ts';
