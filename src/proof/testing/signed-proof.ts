import { Buffer } from 'node:buffer';
import { genesisHash, linkHash } from '../../core/chain/hash.ts';
import { fullChainName } from '../../core/chain/name.ts';
import { sha256 } from '../../journal/sha256.ts';
import { ACCOUNT_PROOF_FORMAT, type AccountProof } from '../account-proof.ts';
import { createKeySigner, makePrivateKey } from '../keys.ts';
import { WholeTree } from '../merkle.ts';
import { periodText, statementText } from '../statement.ts';

const [TENANT, CHAIN, ACCOUNT] = ['CU_TEST', '00', 'acc_00_x'];

/** What a line says beside its number and its account. */
export interface SaidEvent {
  type: string;
  occurredAt?: unknown;
  payload: Record<string, unknown>;
}

/** A digest's number, and its first and last seq. */
type SaidPeriod = readonly [number: number, from: number, to: number];

/**
 * A proof of an account that has its chain to itself, signed as it stands: also of events that no ledger writes, and of digests
 * that no signer should have signed.
 * @param periods absent: one digest of all events
 */
export async function signedProof(
  said: readonly SaidEvent[],
  periods: readonly SaidPeriod[] = [[1, 1, said.length]],
): Promise<AccountProof> {
  const signer = createKeySigner(makePrivateKey());
  let hash = genesisHash(fullChainName({ tenantId: TENANT, chain: CHAIN }), sha256);
  const events = said.map((event, index) => {
    const line = JSON.stringify({ seq: index + 1, entityId: ACCOUNT, ...event });
    const previousHash = hash;
    hash = linkHash(hash, line, sha256);
    return { previousHash, line, hash };
  });
  const proof: AccountProof = {
    format: ACCOUNT_PROOF_FORMAT,
    tenant: TENANT,
    account: ACCOUNT,
    at: '2025-01-31',
    publicKeys: [await signer.publicKeyPem()],
    digests: [],
    events: [],
  };
  for (const [number, from, to] of periods) {
    const tree = new WholeTree(events.slice(from - 1, to).map((event) => event.hash));
    const period = periodText(TENANT, { chain: CHAIN, from, to, root: tree.root() });
    const statement = statementText({
      tenant: TENANT,
      number,
      at: '2025-02-01T00:00:00.000Z',
      previous: null,
      heads: sha256('not looked at'),
      events: new WholeTree([period]).root(),
    });
    const signature = Buffer.from(await signer.sign(Buffer.from(statement))).toString('base64');
    proof.digests.push({ statement, signature, period, index: 0, size: 1, path: [] });
    for (const [index, { previousHash, line }] of events.entries())
      if (index + 1 >= from && index + 1 <= to && index >= proof.events.length)
        proof.events.push({ digest: number, previousHash, line, path: tree.path(index + 1 - from) });
  }
  return proof;
}
