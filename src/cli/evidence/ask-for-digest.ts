import type { CommandContext } from '../command.ts';
import type { MadeDigest, OpenLedger } from './open-ledger.ts';

/**
 * Has the next digest made where that can be asked for, so that it covers what is there.
 * @returns why it was not signed, if it was not: what an earlier digest covers can be exported all the same
 */
export async function askForDigest(
  { makeDigest }: Pick<OpenLedger, 'makeDigest'>,
  { terminal }: CommandContext,
): Promise<MadeDigest['faults']> {
  if (makeDigest === undefined) return [];
  terminal.live('signing…');
  const { faults } = await makeDigest();
  for (const { chain, seq, reason } of faults)
    terminal.note(`${terminal.noteStyle.bad('not signed')}  chain ${chain} seq ${seq}: ${reason}`);
  return faults;
}
