import { hash } from 'node:crypto';

/** Bytes such as a command's: parsing and hashing them is what any ledger of this kind must do. */
const TEXT = JSON.stringify({
  commandId: '7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f',
  legs: Array.from({ length: 2 }, (_, index) => ({ accountId: `acc_07_${index}`, direction: 'DEBIT', amount: 12.34 })),
  narrative: 'Transfer of a known length '.repeat(8),
});
const ROUNDS = 20_000;

/** A fixed piece of work, by which this machine's speed at this moment is known. @returns CPU microseconds of one round */
export function calibrate(): number {
  const before = process.threadCpuUsage();
  let digits = '';
  for (let round = 0; round < ROUNDS; round++) {
    const { narrative } = JSON.parse(TEXT) as { narrative: string };
    digits = hash('sha256', `${digits}${narrative}${TEXT}`, 'hex');
  }
  const { user, system } = process.threadCpuUsage(before);
  if (digits === '') throw new Error('Nothing was hashed');
  return (user + system) / ROUNDS;
}
