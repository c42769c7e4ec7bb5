/** What standards for archives and print forbid a PDF to be written with. */
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import { isDictionary, isStream, nameOf } from './objects.ts';

/** PDF/A-1 (ISO 19005-1, 6.1.4) and PDF/X before its fourth edition build on versions without object streams. */
export function mayPack(document: PdfDocument): boolean {
  return !isArchivedFirst(document) && (document.version >= 1.5 || !isForPrint(document));
}

function isArchivedFirst({ catalog, resolve, budget }: PdfDocument): boolean {
  const metadata = resolve(catalog.get('Metadata'));
  if (!isStream(metadata)) return false;
  const packet = decodeFully(metadata, filtersOf(metadata, resolve) ?? [], budget);
  return (
    packet !== null && /pdfaid:part\s*(>|=\s*["'])\s*1/.test(Buffer.from(packet.data).toString('latin1'))
  );
}

function isForPrint({ catalog, resolve }: PdfDocument): boolean {
  const intents = resolve(catalog.get('OutputIntents'));
  if (!Array.isArray(intents)) return false;
  return intents.some((item) => {
    const intent = resolve(item);
    return isDictionary(intent) && nameOf(resolve(intent.get('S'))) === 'GTS_PDFX';
  });
}
