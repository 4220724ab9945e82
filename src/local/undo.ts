/** Steps back through what was started, last first, once. */
export interface Undo {
  add(step: () => Promise<void> | void): void;
  /** Performs every step, even after one fails; then rejects with the first fault. */
  run(): Promise<void>;
}

export function createUndo(): Undo {
  const steps: (() => Promise<void> | void)[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    const faults: unknown[] = [];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }

  return {
    add(step) {
      steps.push(step);
    },
    run: () => (running ??= runAll()),
  };
}
