import { setTimeout as sleep } from 'node:timers/promises';

const BACKOFF_BASE_MS = 25;
const BACKOFF_MAX_MS = 1_000;

/** Waits before an attempt after the first: 25 ms, 50, 100, … up to a second, half of it at random so that retries spread. */
export async function backOff(attempt: number): Promise<void> {
  const mostMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1));
  await sleep(mostMs / 2 + (Math.random() * mostMs) / 2);
}
