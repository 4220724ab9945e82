/** @returns the name of a rebuild that begins now: when that is, and what tells it from others */
export function nameRun(nowMs: number, unique: string): string {
  return `${nowMs}-${unique}`;
}

/** @returns when a rebuild began, in milliseconds since the epoch; 0 where its name does not tell */
export function startOfRun(run: string): number {
  return Number.parseInt(run, 10) || 0;
}
