import type { Report } from './report.ts';

/** Why a repeated run has no rates. */
export const REPEATED_NOTE =
  'Every command was in the store already and got its first answer again: nothing was written, so there is no throughput, lag or cost of an entry to tell.';

/** Which signed digest holds the run, for whoever exports and verifies it. */
export function signedNote({ signed }: Pick<Report, 'signed'>): string {
  return `Signed digest ${signed.number} of ${signed.tenantId}, by the key ${signed.key}`;
}

/** The digest as it is kept, and what for. */
export function keptNote({ signed: { number, sha256 } }: Pick<Report, 'signed'>): string {
  return `Keep ${number}:${sha256}: turing verify --kept tells by it whether a later export holds the same history`;
}

/** What the digest says, and whether somebody else can come to it with the same flags. */
export function digestNotes({ tenantsBefore }: Pick<Report, 'tenantsBefore'>): string[] {
  if (tenantsBefore.length === 0) return ['The same flags give the same journal digest on any machine, at any speed:'];
  return [
    `Of everything in the store, which held ${tenantsBefore.join(', ')} before this run.`,
    'Only a run on an empty store can be repeated by its flags.',
  ];
}
