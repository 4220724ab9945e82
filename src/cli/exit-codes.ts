/** What the process's exit code says. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** Cancelled by the user, or used wrongly. */
  usage: 2,
  notAuthorised: 4,
  /** Everything ran, and one of the five invariants does not hold, or an export or a proof has a fault. */
  breached: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
