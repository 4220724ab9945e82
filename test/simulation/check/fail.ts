/** What a check has found wrong. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

export function fail(reason: string): never {
  throw new CheckError(reason);
}
