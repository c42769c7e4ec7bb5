/** The program: arguments in, exit code out. Everything it does is a verb of `cli/program.ts`. */
import { runProgram } from './cli/program.ts';

await runProgram(process.argv.slice(2));
