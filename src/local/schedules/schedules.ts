import type { Functions } from '../functions/functions.ts';
import type { Stack } from '../template/stack.ts';

export interface Schedules {
  /** Invokes every scheduled function once, besides its rate. */
  runNow(): void;
  stop(): void;
}

const msPer: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Invokes functions at the template's rates, counted from the start of the local cloud. `atStart` adds a first time
 * right away. Cron expressions are left out, and the log says so.
 */
export function startSchedules(options: {
  stack: Stack;
  functions: Functions;
  atStart: boolean;
  log(line: string): void;
}): Schedules {
  const { stack, functions, atStart, log } = options;
  const timers: NodeJS.Timeout[] = [];
  const invocations: (() => void)[] = [];

  function schedule(name: string, expression: string, targets: { Arn: string; Input?: string }[]): void {
    const intervalMs = readRate(expression);
    if (intervalMs === undefined) {
      log(`Schedule ${name} is left out: "${expression}" is no rate`);
      return;
    }
    for (const target of targets) {
      if (!target.Arn.startsWith('arn:aws:lambda:')) {
        log(`Schedule ${name} is left out: its target "${target.Arn}" is no function`);
        continue;
      }
      const runtime = functions.byNameOrArn(target.Arn);
      const event: unknown =
        target.Input === undefined
          ? {
              version: '0',
              id: name,
              'detail-type': 'Scheduled Event',
              source: 'aws.events',
              account: stack.accountId,
              region: stack.region,
              resources: [],
              detail: {},
            }
          : JSON.parse(target.Input);
      const invoke = () => {
        void runtime.invoke(event).then((result) => {
          if (!result.ok) log(`Schedule ${name}: ${result.error.errorType}: ${result.error.errorMessage}`);
        });
      };
      timers.push(setInterval(invoke, intervalMs));
      invocations.push(invoke);
    }
  }

  for (const rule of stack.resources('AWS::Events::Rule')) {
    const expression = rule.text('ScheduleExpression');
    if (expression === undefined || rule.property('State') === 'DISABLED') continue;
    schedule(rule.logicalId, expression, (rule.property('Targets') ?? []) as { Arn: string; Input?: string }[]);
  }
  for (const rule of stack.resources('AWS::Scheduler::Schedule')) {
    if (rule.property('State') === 'DISABLED') continue;
    schedule(rule.logicalId, String(rule.required('ScheduleExpression')), [
      rule.required('Target') as { Arn: string; Input?: string },
    ]);
  }
  const runNow = () => {
    for (const invoke of invocations) invoke();
  };
  if (atStart) runNow();
  return {
    runNow,
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** Milliseconds of `rate(5 minutes)`; undefined for other expressions. */
export function readRate(expression: string): number | undefined {
  const [, count, unit] = /^rate\((\d+) (second|minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = msPer[unit ?? ''];
  return count === undefined || unitMs === undefined ? undefined : Number(count) * unitMs;
}
