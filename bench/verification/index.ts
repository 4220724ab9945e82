import { createChainCheck } from '../../src/audit/chain-check.ts';
import { createFindings } from '../../src/audit/findings.ts';
import type { StoredItem } from '../../src/audit/source.ts';
import { verifyChain } from '../../src/proof/verify-chain.ts';
import { type ChainRef, fullChainName } from '../../src/core/chain/name.ts';
import { type Item, itemOfCommit } from '../../src/journal/items.ts';
import type { Commit } from '../../src/journal/port.ts';
import type { Bench } from '../support/bench.ts';
import { createWritePath, WRITE_PATH_DEFAULTS } from '../write-path/write-path.ts';

const SAMPLES = 5;
/** 50 entries of three events each. */
const REQUESTS = 1_000;
const PIECE_BYTES = 64 * 1024;

export const bench: Bench = {
  name: 'verification',
  title: 'Verifying an exported chain on one thread',
  async run({ say }) {
    const { ref, commits, events } = await longestChain();
    const exported = Buffer.from(`${commits.map(({ body }) => body).join('\n')}\n`);
    const head = commits.at(-1)?.headHash ?? '';
    const items = commits.map((commit) => storedItem(itemOfCommit(commit)));
    say(`a chain of ${events} events, ${exported.length} bytes`);

    const rate = async (verify: () => Promise<void> | void): Promise<number[]> => {
      await verify(); // compiles
      const rates: number[] = [];
      for (let sample = 0; sample < SAMPLES; sample++) {
        const startedMs = performance.now();
        await verify();
        rates.push((events * 1_000) / (performance.now() - startedMs));
      }
      return rates;
    };
    const size = `A chain of ${events} events of entries, ${Math.round(exported.length / events)} bytes each; ${SAMPLES} runs`;
    return {
      figures: [
        {
          name: 'verification of an exported chain',
          unit: 'events/s',
          samples: await rate(() => verifyExport(ref, exported, { seq: events, hash: head })),
          method: `${size}: from the bytes of the exported lines to the head's hash`,
          target: { atLeast: 400_000 },
        },
        {
          name: 'audit of a stored chain',
          unit: 'events/s',
          samples: await rate(() => auditItems(ref, items)),
          method: `${size}: unpacking the items, hashes, form and payload of every line, as the audit does it`,
        },
      ],
    };
  },
};

/** Hashes the lines from the genesis on, in pieces as a file would be read. @throws where they do not end in the head */
async function verifyExport(ref: ChainRef, exported: Buffer, head: { seq: number; hash: string }): Promise<void> {
  const { fault } = await verifyChain({ chain: fullChainName(ref), lines: piecesOf(exported), points: [head] });
  if (fault) throw new Error(`The export does not verify: ${fault.reason}`);
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function auditItems(ref: ChainRef, items: readonly StoredItem[]): void {
  const findings = createFindings(ref.tenantId);
  const check = createChainCheck(ref, findings);
  for (const item of items) check.next(item);
  const breaches = Object.values(findings.report()).reduce((sum, each) => sum + each.breaches, 0);
  if (breaches > 0) throw new Error(`The audit found ${breaches} breaches in a sound chain`);
}

/** The longest of a tenant's chains after some load. */
async function longestChain(): Promise<{ ref: ChainRef; commits: Commit[]; events: number }> {
  const chains = new Map<string, Commit[]>();
  const keep = (commit: Commit): void => {
    const commits = chains.get(commit.chain) ?? [];
    chains.set(commit.chain, commits);
    commits.push(commit);
  };
  // Few members live on few chains: one of these gets long.
  const path = await createWritePath({ ...WRITE_PATH_DEFAULTS, accounts: 1 }, { commit: keep });
  await path.run({ requests: REQUESTS });
  const lengthOf = (commits: readonly Commit[]): number => commits.at(-1)?.lastSeq ?? 0;
  const [commits] = [...chains.values()].toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const [first] = commits ?? [];
  if (!commits || !first) throw new Error('The load made no commits');
  return { ref: { tenantId: first.tenantId, chain: first.chain }, commits, events: lengthOf(commits) };
}

/** An item as the audit reads it: plain values. */
function storedItem(item: Item): StoredItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue({ S, N, B }: Item[string]): unknown {
  if (B !== undefined) return Buffer.from(B, 'base64');
  return N === undefined ? S : Number(N);
}
