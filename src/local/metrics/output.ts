import { join } from 'node:path';
import { openLogStream } from '../log-stream.ts';
import { parseEmf, type Measurement } from './emf.ts';

/** Takes what functions print: measurements go to the store, other lines to a file and whoever listens. */
export interface OutputCollector {
  take(functionName: string, text: string): void;
  stop(): Promise<void>;
}

/** A line longer than this is cut: no function can fill the memory with an endless one. */
const lineLimit = 256 * 1024;
/** The log file ends here and says so; a local cloud may run for weeks. */
const fileLimitBytes = 200 * 1024 * 1024;

export function createOutputCollector(options: {
  dataDir: string;
  measured(measurement: Measurement): void;
  log(line: string): void;
  /** Told why lines were left out of the file. */
  failed?(error: unknown): void;
}): OutputCollector {
  const unfinished = new Map<string, string>();
  const file = openLogStream(join(options.dataDir, 'logs', 'functions.log'), {
    afresh: false,
    ...(options.failed && { failed: options.failed }),
  });
  let written = 0;

  function keep(functionName: string, line: string): void {
    options.log(`${functionName}: ${line}`);
    if (written > fileLimitBytes) return;
    const text = `${functionName} ${line}\n`;
    written += text.length;
    file.write(written > fileLimitBytes ? 'The log is full: later lines are left out\n' : text);
  }

  return {
    take(functionName, text) {
      const lines = ((unfinished.get(functionName) ?? '') + text).split('\n');
      unfinished.set(functionName, (lines.pop() ?? '').slice(0, lineLimit));
      for (const line of lines) {
        if (line === '') continue;
        const measurements = parseEmf(line);
        if (measurements === undefined) keep(functionName, line);
        else for (const measurement of measurements) options.measured(measurement);
      }
    },
    stop: () => file.close(),
  };
}
