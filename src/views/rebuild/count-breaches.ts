import type { ChainRef } from '../../core/chain/name.ts';
import { spoiltPartition } from '../keys.ts';
import type { Shadow } from './shadow-store.ts';

/**
 * @returns how many breaches of invariants a chain's events have shown up to where the shadow is: from what stands there, so that
 * none is lost with a step that died
 */
export async function countBreaches(shadow: Pick<Shadow, 'cursor' | 'list'>, ref: ChainRef): Promise<number> {
  const counts = Object.values((await shadow.cursor(ref))?.watch?.breaches ?? {});
  const spoilt = await shadow.list(spoiltPartition(ref.tenantId));
  return counts.reduce((sum, { count }) => sum + count, spoilt.length);
}
