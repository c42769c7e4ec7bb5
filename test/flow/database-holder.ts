/** Starts the embedded database of the folder it is given, says so on stdout, and holds it until it is killed. */
import { createLog } from '../../src/lib/log.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

const { connection } = await startEmbeddedPostgres({ dataDir: process.argv[2]!, log: createLog('warn') });
console.log(JSON.stringify({ host: connection.host }));
