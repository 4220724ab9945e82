/** SHA-256 of the UTF-8 bytes of a text, as 64 lower-case hex characters. Given by the caller: the core has no `node:` module. */
export type Sha256 = (text: string) => string;

/** hash(0) of a chain: SHA-256 of its full name, such as `CU_DIGITAL#chain#07`. */
export function genesisHash(fullName: string, sha256: Sha256): string {
  return sha256(fullName);
}

/** hash(n) = SHA-256(hash(n−1) as hex ‖ line(n)), the line without its newline. */
export function linkHash(previousHash: string, line: string, sha256: Sha256): string {
  return sha256(previousHash + line);
}

/** An event's id: the first 128 bits of its hash as a UUID of version 8 (RFC 9562), six bits giving way to version and variant. */
export function eventIdOf(hash: string): string {
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
