import type { Cloud } from '../../local/index.ts';
import type { PartPlace } from '../../local/part.ts';
import { CliError, cancelled, codeOf, messageOf } from '../cli-error.ts';
import { checkEndpoint, unreachableEndpoint } from './dynamodb-endpoint.ts';

/** Where the API is, when nothing is asked for and the port is free. */
export const DEFAULT_PORT = 4510;

export interface OpenCloudOptions {
  assemblyDir: string;
  /** Absent: a temporary store, removed at the end. */
  dataDir?: string;
  /** Where functions and the stream run; threads, unless told otherwise. */
  place?: PartPlace;
  /** A port that was asked for; absent: the default one, or any other when that is taken. 0: any. */
  port?: number;
  /** Told when the default port is taken. */
  onOtherPort?: (port: number) => void;
  log: (line: string) => void;
  /** Gets those of its lines that its user should see at once. */
  notice?: (line: string) => void;
  stop: AbortSignal;
}

/** Starts the local cloud in this process, with errors that say what to do. */
export async function openCloud(options: OpenCloudOptions): Promise<Cloud> {
  const { port, stop } = options;
  if (stop.aborted) throw cancelled();
  checkEndpoint(process.env);
  const cloud = await startOn(port ?? DEFAULT_PORT, options).catch((error: unknown) => {
    if (port !== undefined || codeOf(error) !== 'EADDRINUSE') throw explained(error, options);
    return startOn(0, options).then((started) => {
      options.onOtherPort?.(Number(new URL(started.apiUrl).port));
      return started;
    });
  });
  if (!stop.aborted) return cloud;
  await cloud.stop();
  throw cancelled();
}

async function startOn(port: number, { assemblyDir, dataDir, place, log, notice }: OpenCloudOptions): Promise<Cloud> {
  const { startCloud } = await import('../../local/index.ts');
  return startCloud({
    assemblyDir,
    port,
    log,
    ...(dataDir !== undefined && { dataDir }),
    ...(place !== undefined && { place }),
    ...(notice && { notice }),
  });
}

function explained(error: unknown, { port }: OpenCloudOptions): CliError {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    const fix = 'Choose another with --port.';
    return new CliError(`Cannot listen on port ${port}: it is taken`, { fix, cause: error });
  }
  if (code === 'DATA_IN_USE') {
    const fix = 'Stop that one with Ctrl-C, or give another folder with --data.';
    return new CliError(messageOf(error), { fix, cause: error });
  }
  if (code === 'STORE_DAMAGED' || code === 'STORE_OF_OTHER_VERSION' || code === 'STORE_NOT_WRITABLE') {
    const fix = 'turing doctor --data DIR looks at a store again; docs/operating/faults.md says what to do.';
    return new CliError(messageOf(error), { fix, cause: error });
  }
  const unreachable = unreachableEndpoint(process.env, error);
  if (unreachable !== undefined) return unreachable;
  const fix = 'turing doctor says what is missing.';
  return new CliError(`Cannot start the local cloud: ${messageOf(error)}`, { fix, cause: error });
}
