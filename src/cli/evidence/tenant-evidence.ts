import { Buffer } from 'node:buffer';
import type { PublishedDigest } from '../../proof/port.ts';
import { type Head, parseHeads } from '../../proof/statement.ts';
import type { LedgerClient } from '../../sdk/client.ts';
import { CliError } from '../cli-error.ts';
import { readApi } from './read-api.ts';

/** What the API tells of a tenant's history up to its last digest. Nothing of it is checked here. */
export interface TenantEvidence {
  /** Of the last digest. */
  heads: readonly Head[];
  /** By rising number. */
  digests(): AsyncGenerator<PublishedDigest>;
  /** The lines of a chain up to its head in the last digest; fewer where the ledger has no more. */
  lines(head: Pick<Head, 'chain' | 'seq'>): AsyncGenerator<string>;
  /** @returns how many events have come since, which no digest covers yet; and how many that it covers the ledger has no more */
  eventsSince(): Promise<{ later: number; missing: number }>;
}

const RUNBOOK = 'docs/operating/runbook.md#a-copy-of-a-digest-is-missing-or-was-changed';

/** Digests that are asked for at a time. */
const DIGESTS_AT_ONCE = 8;

/** Finds the last digest. @throws CliError where there is none: nothing that is exported could be verified */
export async function readEvidence(options: {
  ledger: LedgerClient;
  tenantId: string;
  stop: AbortSignal;
}): Promise<TenantEvidence> {
  const { ledger, tenantId, stop } = options;
  const tenantPath = { tenantId };
  const readDigest = async (number: number): Promise<PublishedDigest> => {
    let isMissing = false;
    const ask = async () => {
      const answer = await ledger.GET('/tenants/{tenantId}/digests/{number}', {
        params: { path: { tenantId, number } },
      });
      isMissing = answer.response.status === 404;
      return answer;
    };
    const { statement, signature, key, publicKey, heads, periods } = await readApi(ask, stop).catch(
      (cause: unknown) => {
        throw isMissing ? copyMissing({ tenantId, number, total, cause }) : cause;
      },
    );
    const bytes = Buffer.from(signature, 'base64');
    return { tenant: tenantId, number, statement, signature: bytes, key, publicKey, heads, periods };
  };
  const { total } = await readApi(
    () => ledger.GET('/tenants/{tenantId}/digests', { params: { path: tenantPath, query: { limit: 1 } } }),
    stop,
  );
  if (total === 0)
    throw new CliError(`There is no digest of ${tenantId} yet: nothing that is exported could be verified`, {
      fix: 'Digests are made every five minutes, of a cloud that runs here at once.',
    });
  const heads = parseHeads(tenantId, (await readDigest(total)).heads);
  if (!heads) throw new CliError(`Digest ${total} of ${tenantId} does not have the heads of chains`);

  return {
    heads,

    async *digests() {
      for (let first = 1; first <= total; first += DIGESTS_AT_ONCE) {
        const length = Math.min(DIGESTS_AT_ONCE, total - first + 1);
        yield* await Promise.all(Array.from({ length }, (_, index) => readDigest(first + index)));
      }
    },

    async *lines({ chain, seq }) {
      const page = (afterSeq: number) => {
        const params = { path: { tenantId, chain }, query: { afterSeq } };
        return readApi(() => ledger.GET('/tenants/{tenantId}/chains/{chain}/lines', { params }), stop);
      };
      let afterSeq = 0;
      let next = seq > 0 ? page(0) : undefined;
      while (next) {
        const { lines, nextAfterSeq } = await next;
        const wanted = lines.slice(0, seq - afterSeq);
        afterSeq += wanted.length;
        // Asked for while these are being written.
        next = nextAfterSeq !== null && lines.length > 0 && afterSeq < seq ? page(afterSeq) : undefined;
        next?.catch(() => undefined); // awaited above, unless whoever reads ends early
        yield* wanted;
      }
    },

    async eventsSince() {
      const ask = () => ledger.GET('/tenants/{tenantId}/chains', { params: { path: tenantPath } });
      const { chains } = await readApi(ask, stop);
      const covered = new Map(heads.map(({ chain, seq }) => [chain, seq]));
      const grown = chains.map(({ chain, headSeq }) => headSeq - (covered.get(chain) ?? 0));
      const sum = (numbers: number[]) => numbers.reduce((all, each) => all + Math.max(0, each), 0);
      return { later: sum(grown), missing: sum(grown.map((each) => -each)) };
    },
  };
}

/** All that are counted were copied: somebody has deleted this one. */
function copyMissing(copy: { tenantId: string; number: number; total: number; cause: unknown }): CliError {
  const { tenantId, number, total, cause } = copy;
  return new CliError(`The copy of digest ${number} of ${tenantId} is missing, of ${total}: somebody has deleted it`, {
    fix: `turing audit names all that are missing or were changed. How they are made again from the digests themselves: ${RUNBOOK}`,
    cause,
  });
}
