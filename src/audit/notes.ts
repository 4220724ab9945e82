/** A bank has no digest until they first run; or somebody has deleted all copies, so that an end that was cut off does not show. */
const NO_DIGEST = 'No digest of it is known: its journal was held against none';

/**
 * @param isSigned whether a digest of the tenant is known
 * @returns what is no breach, and yet has to be known to whom a result without one is to prove something
 */
export function notesOf(isSigned: boolean): string[] {
  return isSigned ? [] : [NO_DIGEST];
}
