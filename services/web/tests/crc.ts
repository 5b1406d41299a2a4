// What a PNG is made with: zlib, and its checksum, which this version of Node does not have yet.
export { deflateSync, inflateSync } from "node:zlib";

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let it = n;
  for (let bit = 0; bit < 8; bit += 1) it = it & 1 ? 0xedb88320 ^ (it >>> 1) : it >>> 1;
  return it >>> 0;
});

export function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const it of bytes) crc = (table[(crc ^ it) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
