/** How often each fault and each path of interest was met. */
export type Coverage = Record<string, number>;

export function count(coverage: Coverage, name: string, times = 1): void {
  coverage[name] = (coverage[name] ?? 0) + times;
}

export function addCoverage(sum: Coverage, other: Coverage): void {
  for (const [name, times] of Object.entries(other)) count(sum, name, times);
}
