/** Sends the callbacks of the database whose connection it is given, until it is killed. */
import { openDatabase } from '../../src/store/database.ts';
import { silentLog } from '../../src/store/temporary-database.test-support.ts';
import { createSender } from '../../src/webhooks/sender.ts';
import { attemptOver } from '../../src/webhooks/webhooks.test-support.ts';

const database = openDatabase(JSON.parse(process.argv[2]!), silentLog);
await createSender(database, await attemptOver(database), silentLog).start();
