/** The vendor's codes, each with what is said of it, and the two ways to write a status. When which is due, others know. */
import type { Reply } from '../dialect.ts';

/**
 * Its documented list, as far as something here can lead to it. Clients look at the numbers; of the sentences the
 * Enable Media Replace plugin knows the words "Quota exceeded".
 */
export const MESSAGES = {
  1: 'Image scheduled for processing.',
  2: 'Success',
  [-102]:
    'Invalid URL. It must be encoded, begin with http:// or https:// and point to an image; an upload may have expired.',
  [-105]: 'URL is missing for the call.',
  [-106]: 'URL is inaccessible from this server because of access restrictions.',
  [-107]: 'Too many URLs or files in one call: at most 100 are taken.',
  [-108]: 'Invalid user: this API key is not for images of this domain.',
  [-109]: 'No files were uploaded. Use reducer.php to have images optimized by their URLs.',
  [-110]: 'Upload error.',
  [-111]: 'File too big.',
  [-112]: 'Generic server error.',
  [-113]:
    'Too many inaccessible URLs from the same domain. Check that they can be reached and try again in a minute.',
  [-114]: 'The local paths of the files are missing: pass them in file_paths.',
  [-115]: 'Uploaded files are missing.',
  [-116]: 'paramlist must have as many entries as there are URLs or files.',
  [-117]: 'file_paths must be a JSON object of the names of the uploaded files and their local paths.',
  [-201]: 'Invalid image format.',
  [-202]: 'Invalid image or unsupported image format.',
  [-203]: 'Could not download file.',
  [-204]: 'The file could not be optimized; it may have taken too long.',
  [-205]: 'The width or height of the file is too big.',
  [-206]: 'The PDF file is protected by a password and cannot be optimized.',
  [-207]: 'Invalid parameters for background removal: this server removes no backgrounds.',
  [-301]: 'The file is larger than the remaining quota.',
  [-302]: 'The file is no longer available.',
  [-303]: 'Internal API error: the file was not written on disk.',
  [-304]: 'Internal API error: the uploaded file could not be stored.',
  [-305]: 'Internal API error.',
  [-401]: 'Invalid API key. Please check that it is the one that was given to you.',
  [-402]: 'Wrong API key.',
  [-403]: 'Quota exceeded. This API key has no credits left.',
  [-404]: 'The maximum number of URLs in the optimization queue is reached. Please try again in a minute.',
  [-500]: 'The API is in maintenance mode. Please come back later.',
};

export type Code = keyof typeof MESSAGES;

/** A file or a whole call that is refused; the message in place of the code's own. */
export interface Refusal {
  code: Code;
  message?: string;
}

export interface Status {
  Code: number | string;
  Message: string;
}

/** Success and waiting are strings, errors numbers: seen of the vendor, and Enable Media Replace compares strictly. */
export function status({ code, message = MESSAGES[code] }: Refusal): Status {
  return { Code: code > 0 ? String(code) : code, Message: message };
}

/** What concerns the whole call is an object, not a list of one; HTTP's own status is 200 whatever happened. */
export function refusal(code: Code, message?: string): Reply {
  return { status: 200, json: { Status: status({ code, message }) } };
}

/** In place of a file: the SDK looks for a code that is a string, in what is shorter than 200 bytes. */
export function gone(): Reply {
  return { status: 200, json: { Status: { Code: '-302', Message: MESSAGES[-302] } } };
}
