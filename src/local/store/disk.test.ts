import { beforeEach, expect, it } from 'vitest';
import { createDisk, type Disk } from './disk.ts';

const FULL =
  'The disk of "/data" is full: free space on it. Until then nothing new is kept; what was acknowledged is, and nothing has to be started again';
const ROOM = 'The disk of "/data" has room again';
const SAID = 'commit failed (backend: database or disk is full) and rollback also failed';

let free: number;
let told: string[];
let disk: Disk;
beforeEach(() => {
  free = 0;
  told = [];
  disk = createDisk({ folder: '/data', tell: (line) => told.push(line), freeBytes: () => free });
});

const answer = (status: number, message = '') =>
  disk.answered({ status, body: Buffer.from(`{"message":"${message}"}`) });

it('is told to be full once, however many writes it refuses, and again only after it had room', () => {
  for (let times = 0; times < 3; times += 1) answer(500, SAID);
  disk.failed(Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' }));
  expect(told).toEqual([FULL]);
  // What is small finds a place in a last block.
  answer(200);
  answer(500, SAID);
  expect(told).toEqual([FULL]);
  free = 2 * 1024 ** 2;
  answer(200);
  answer(200);
  expect(told).toEqual([FULL, ROOM]);
  free = 0;
  disk.failed(Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' }));
  expect(told).toEqual([FULL, ROOM, FULL]);
});

it('is not full for other failures, nor for words that a client sent', () => {
  answer(500, 'The request could not be completed');
  answer(400, SAID);
  answer(200, SAID);
  for (const error of [Object.assign(new Error('denied'), { code: 'EACCES' }), new Error('ENOSPC'), undefined, null])
    disk.failed(error);
  expect(told).toEqual([]);
});

it('says of a span of time whether it refused a write in it', () => {
  const early = disk.mark();
  expect(early()).toBeUndefined();
  answer(500, SAID);
  expect(early()).toBe('The disk of "/data" is full: free space on it');
  const late = disk.mark();
  expect(late()).toBeUndefined();
  answer(500, SAID);
  expect(late()).toBe(early());
});
