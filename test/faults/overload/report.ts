import { boundsOf } from './promises.ts';
import type { OverloadResult } from './run-overload.ts';

const megabytes = (bytes = 0) => `${Math.round(bytes / 1e6)} MB`;
const perSecond = (rate: number) => `${Math.round(rate)} commands/s`;

/** @returns an overload's figures, for people */
export function linesOf(result: OverloadResult): string[] {
  const { before, most, normalAfterMs, seconds } = result;
  const statuses = [...result.statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  const memory = Object.entries(boundsOf(result)).map(
    ([name, bound]) =>
      `memory, ${name.padEnd(12)}  ${megabytes(before[name])} before, ${megabytes(most[name])} at most; bound ${megabytes(bound)}`,
  );
  return [
    `sustained             ${perSecond(result.sustainedPerSecond)} by ${result.sustainedClients} clients`,
    `offered for ${String(seconds).padStart(3)} s     ${perSecond(result.offeredPerSecond)}, ${perSecond(result.sentPerSecond)} of them sent, the others not as all clients waited`,
    `accepted meanwhile    ${perSecond(result.acceptedPerSecond)}`,
    `answers by status     ${statuses}`,
    ...memory,
    `latency before        ${result.latencyBeforeMs.toFixed(1)} ms (median of single commands, one after the other)`,
    `at most twice that    ${normalAfterMs === undefined ? 'not again' : `${Math.round(normalAfterMs)} ms after the end`}`,
    `views complete        ${Math.round(result.viewsAfterMs)} ms after the end`,
  ];
}
