import type { Coverage } from '../core/coverage.ts';

/** How what is counted is named that befalls the system: the faults of `../core/faults.ts`, one by one. */
const FAULT =
  /^((unreachable|throttled|conflict|lostAnswer|retried|late): .*|batch done in part|record (lost|twice|late|without a commit)|invocation given up .*|death .*|process stands still|clock jumps|snapshot (lost|damaged))$/;
const DEATH = /^death /;

/** What a run was made of, in one line. */
export function summaryOf(coverage: Coverage): string {
  const sum = (pattern: RegExp): string =>
    Object.entries(coverage)
      .reduce((total, [name, times]) => (pattern.test(name) ? total + times : total), 0)
      .toLocaleString('en-AU');
  return [
    `${sum(/^command in the journal$/)} commands in the journals`,
    `${sum(/^step$/)} steps`,
    `${sum(FAULT)} faults`,
    `${sum(DEATH)} of them deaths of processes`,
  ].join(', ');
}
