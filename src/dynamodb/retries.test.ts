import { describe, expect, it } from 'vitest';
import { ConnectionLostError } from './connections.ts';
import { ServiceError } from './errors.ts';
import { createRetries } from './retries.ts';

const fault = new ServiceError({ name: 'InternalServerError', message: '', status: 500 });
const throttled = new ServiceError({ name: 'ThrottlingException', message: '', status: 400 });
const stale = new ConnectionLostError('', { stale: true });
const most = () => createRetries({ maxAttempts: 4, baseMs: 25, random: () => 0.999_999 });

describe('retries', () => {
  it('come after delays that double, at random up to their longest', () => {
    const delays = (error: Error) => [1, 2, 3].map((attempt) => most().after(error, attempt)?.delayMs);
    expect(delays(fault)).toEqual([24, 49, 99]);
    expect(delays(throttled)).toEqual([999, 1_999, 3_999]);
    expect(createRetries({ maxAttempts: 4, baseMs: 25, random: () => 0 }).after(fault, 3)?.delayMs).toBe(0);
  });

  it('come at once, and free, after a kept connection ended; but only the first time', () => {
    expect(most().after(stale, 1)).toEqual({ delayMs: 0, cost: 0 });
    expect(most().after(stale, 2)?.cost).toBeGreaterThan(0);
  });

  it('do not come after the last attempt, nor after what will not pass', () => {
    expect(most().after(fault, 4)).toBeUndefined();
    expect(
      most().after(new ServiceError({ name: 'ValidationException', message: '', status: 400 }), 1),
    ).toBeUndefined();
    expect(most().after(new TypeError('ours'), 1)).toBeUndefined();
  });

  it('stop when most calls fail, and go on as calls succeed', () => {
    const retries = most();
    let granted = 0;
    while (retries.after(fault, 1)) granted += 1;
    expect(granted).toBe(35); // 500 / 14
    expect(retries.after(throttled, 1)?.cost).toBe(5); // 10 are left
    for (let calls = 0; calls < 14; calls += 1) retries.succeeded(undefined);
    const retry = retries.after(fault, 1);
    expect(retry?.cost).toBe(14);
    expect(retries.after(fault, 1)).toBeUndefined();
    retries.succeeded(retry);
    expect(retries.after(fault, 1)).toBeDefined();
  });
});
