import type { Killed } from './run-kills.ts';

/** @returns a line for each kind of kill */
export function statisticsOf(kills: readonly Killed[]): string[] {
  return [...Map.groupBy(kills, ({ kind }) => kind)].map(([kind, group]) => {
    const writes = medianAndMost(group.map(({ writesMs }) => writesMs));
    const views = medianAndMost(group.map(({ viewsMs }) => viewsMs));
    return `${kind.padEnd(22)}${String(group.length).padStart(7)}${writes.padStart(40)}${views.padStart(41)}`;
  });
}

function medianAndMost(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${Math.round(median)}, ${Math.round(sorted.at(-1) ?? 0)}`;
}
