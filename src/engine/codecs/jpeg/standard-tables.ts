/**
 * The Huffman tables that ITU-T T.81 annex K.3 prints, which a Motion JPEG's frames are coded with and do not bring
 * along (tables K.3 to K.6).
 */
import { type HuffmanTable, readHuffmanTables } from './entropy.ts';

/** Class and slot, then how many codes there are of each length, then the symbols, as in a DHT segment. */
const SEGMENTS = [
  '00 00010501010101010100000000000000 000102030405060708090a0b',
  '01 00030101010101010101010000000000 000102030405060708090a0b',
  `10 0002010303020403050504040000017d
01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a
434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa
b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa`,
  `11 00020102040403040705040400010277
0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a
434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa
b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa`,
];

/** In the slots in which coders keep them: luma in the first of each kind, chroma in the second. */
export function standardHuffmanTables(): HuffmanTable[] {
  const tables: HuffmanTable[] = [];
  for (const segment of SEGMENTS)
    readHuffmanTables(Buffer.from(segment.replaceAll(/\s/g, ''), 'hex'), tables);
  return tables;
}
