import { parentPort, workerData } from 'node:worker_threads';
import { faultOfDatabase } from './database-check.ts';

// A thread of its own: reading gigabytes would hold everything else up.
parentPort?.postMessage(faultOfDatabase((workerData as { path: string }).path) ?? null);
