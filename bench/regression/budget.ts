/** What a quantity may be: the value it had when it was last agreed on, and by what factor it may exceed that. */
export interface Allowance {
  value: number;
  /** Close to 1 for what is counted, wide for shares of CPU time. */
  factor: number;
}

export type Budget = Record<string, Allowance>;

/** Below this share of what is allowed, the budget should be agreed on anew. */
const SLACK = 0.75;

export interface Verdict {
  name: string;
  measured: number;
  allowed: number;
  /** `slack`: so much better that the budget no longer guards anything. */
  verdict: 'within' | 'slack' | 'exceeded' | 'unknown';
}

/** Holds measurements against the budget. What the budget names must be measured, and what is measured must stand in it. */
export function judge(measured: Readonly<Record<string, number>>, budget: Budget): Verdict[] {
  const names = [...new Set([...Object.keys(budget), ...Object.keys(measured)])];
  return names.map((name) => {
    const { value, factor } = budget[name] ?? { value: Number.NaN, factor: 1 };
    const found = measured[name] ?? Number.NaN;
    return { name, measured: found, allowed: value * factor, verdict: verdictOf(found, value, factor) };
  });
}

function verdictOf(measured: number, value: number, factor: number): Verdict['verdict'] {
  if (Number.isNaN(measured) || Number.isNaN(value)) return 'unknown';
  if (measured > value * factor) return 'exceeded';
  return measured < value * SLACK ? 'slack' : 'within';
}

export function isPassed(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ verdict }) => verdict === 'within' || verdict === 'slack');
}
