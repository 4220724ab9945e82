import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import { counted } from './counted.ts';
import { EXPORT_FORMAT, type Manifest, manifestText, PUBLIC_KEY_FILE } from './export-format.ts';
import type { ChainFault, DigestFault } from './faults.ts';
import { PublicKeys } from './keys.ts';
import {
  chainBytes,
  digestsIn,
  ExportUnreadableError,
  readDigestFiles,
  readKeys,
  readManifest,
} from './read-export.ts';
import { type ChainPoint, type ChainVerification, verifyChain } from './verify-chain.ts';
import { boundBySuccessors, DigestSeries, type KeptDigests } from './verify-digests.ts';

export interface ExportVerification {
  tenant: string;
  chains: number;
  /** Events whose lines were read and hashed. */
  events: number;
  digests: number;
  /** The last digest that is sound, and the SHA-256 of its statement: to be kept, and compared with one that was kept. */
  latest?: { number: number; at: string; sha256: string };
  /** Numbers of the digests that are the ones that were kept. */
  kept: number[];
  /** Ids of the public keys that are trusted. */
  keys: string[];
  /** The first fault in each chain that has one. */
  chainFaults: ChainFault[];
  /** The first fault of each digest that has one. */
  digestFaults: DigestFault[];
  /** Looked for only where there is no other: what the manifest is held against has to be sound. */
  manifestFault?: string;
}

/**
 * Verifies an exported folder, with nothing but its files: every digest, and every line of every chain against them. Each chain
 * has to end at its head in the last digest: what nobody signed is a fault. Where that digest has a fault itself, lines after the
 * last sound one are not looked at.
 * @param options.publicKeys PEM of the keys that are trusted; without them that of the last digest in the folder, which shows only
 * that the folder agrees with itself. Former keys in the folder count for digests that later ones bind, and for no others
 * @param options.kept digests that the export has to hold, each the same: no other history, and none that ends earlier, does
 * @throws ExportUnreadableError also where there is no public key: then nothing can be told
 */
export async function verifyExport(
  folder: string,
  options: { publicKeys?: readonly string[]; kept?: KeptDigests } = {},
): Promise<ExportVerification> {
  const { publicKeys, kept = new Map() } = options;
  const { manifest, text: manifestAsWritten } = await readManifest(folder);
  const beside = await readKeys(folder);
  const keys = publicKeys ? trusted(publicKeys) : new PublicKeys(usable(beside.last));
  if (keys.ids.length === 0) {
    const lack = beside.last.length > 0 ? `its ${PUBLIC_KEY_FILE} is none` : `it has no ${PUBLIC_KEY_FILE}`;
    throw new ExportUnreadableError(`Cannot verify ${folder}: there is no public key: none was given, and ${lack}`);
  }
  const { tenant } = manifest;
  const numbers = await digestsIn(folder);
  const former = {
    keys: new PublicKeys([...(publicKeys ?? []), ...usable(beside.all)]),
    bound: await boundBySuccessors({ numbers, read: (number) => readDigestFiles(folder, number), keys }),
  };
  const series = new DigestSeries({ tenant, chains: manifest.chains.map(({ chain }) => chain), keys, former, kept });
  for (const number of numbers) series.take(number, await readDigestFiles(folder, number));
  series.end(manifest.digests);

  const result: ExportVerification = {
    tenant,
    chains: manifest.chains.length,
    events: 0,
    digests: numbers.length,
    kept: series.same,
    keys: keys.ids,
    chainFaults: [],
    digestFaults: series.faults,
  };
  if (series.latest) {
    const { statement, text } = series.latest;
    result.latest = { number: statement.number, at: statement.at, sha256: sha256(text) };
  }
  const verified: Manifest['chains'] = [];
  for (const claim of manifest.chains) {
    const points = series.pointsOf(claim.chain);
    const { seq, hash, fault } = await verifyClaim(folder, { tenant, claim, points, isOpen: !series.isWhole });
    result.events += seq;
    verified.push({ chain: claim.chain, events: seq, head: hash });
    if (fault) result.chainFaults.push({ tenant, chain: claim.chain, ...fault });
  }
  const { exportedAt } = manifest;
  const due = { format: EXPORT_FORMAT, tenant, exportedAt, chains: verified, digests: numbers.length } as const;
  if (faultsIn(result).length === 0 && manifestText(due) !== manifestAsWritten)
    result.manifestFault = 'It is not written as what was verified';
  return result;
}

/**
 * @returns the faults in words, the same as those of `verify.py`: tenant, digest or chain and seq, reason. The same fault of
 * digests that follow one another is told once
 */
export function faultsIn(verification: ExportVerification): string[] {
  const { tenant, chainFaults, digestFaults, manifestFault } = verification;
  return [
    ...runsOf(digestFaults).map(({ from, to, reason }) =>
      from === to ? `${tenant} digest ${from}: ${reason}` : `${tenant} digests ${from} to ${to}: ${reason}`,
    ),
    ...chainFaults.map((fault) => `${tenant} chain ${fault.chain} ${placeOf(fault)}: ${fault.reason}`),
    ...(manifestFault === undefined ? [] : [`${tenant} manifest: ${manifestFault}`]),
  ];
}

/** @returns where a chain's fault is: `seq 5`, `between seq 5 and 9` */
export function placeOf({ seq, to }: Pick<ChainFault, 'seq' | 'to'>): string {
  return to === undefined ? `seq ${seq}` : `between seq ${seq} and ${to}`;
}

function runsOf(faults: readonly DigestFault[]): { from: number; to: number; reason: string }[] {
  const runs: { from: number; to: number; reason: string }[] = [];
  for (const { number, reason } of faults) {
    const run = runs.at(-1);
    if (run?.to === number - 1 && run.reason === reason) run.to = number;
    else runs.push({ from: number, to: number, reason });
  }
  return runs;
}

/** @returns the verdict in words, the same as those of `verify.py` */
export function verdictOf(result: ExportVerification): string[] {
  const { tenant, chains, events, digests, latest, kept } = result;
  const faults = faultsIn(result).map((fault) => `FAULT ${fault}`);
  return [
    `${tenant}: ${counted(chains, 'chain')}, ${counted(events, 'event')} checked, ${counted(digests, 'digest')}`,
    ...(latest ? [`last digest: ${latest.number}:${latest.sha256} of ${latest.at}`] : []),
    ...kept.map(isKept),
    ...(faults.length > 0 ? faults : ['no fault was found']),
  ];
}

/** @returns what is said of a digest that is the one that was kept */
export function isKept(number: number): string {
  return `digest ${number} is the one that was kept`;
}

/** Holds a chain's lines against the digests, and against the manifest, which nobody signed, after that. */
async function verifyClaim(
  folder: string,
  options: { tenant: string; claim: Manifest['chains'][number]; points: readonly ChainPoint[]; isOpen: boolean },
): Promise<ChainVerification> {
  const { tenant, claim, points, isOpen } = options;
  const name = fullChainName({ tenantId: tenant, chain: claim.chain });
  const verification = await verifyChain({ chain: name, lines: chainBytes(folder, claim.chain), points, isOpen });
  const { seq, hash, fault } = verification;
  if (fault || isOpen || (seq === claim.events && hash === claim.head)) return verification;
  return { ...verification, fault: { seq: seq + 1, reason: 'The lines do not end in the head of the manifest' } };
}

/** One that cannot be read signed nothing: it may be what was damaged. */
function usable(pems: readonly string[]): string[] {
  return pems.filter((pem) => {
    try {
      return new PublicKeys([pem]).ids.length === 1;
    } catch {
      return false;
    }
  });
}

function trusted(pems: readonly string[]): PublicKeys {
  try {
    return new PublicKeys(pems);
  } catch (cause) {
    throw new ExportUnreadableError('Cannot read the public key that is trusted', { cause });
  }
}
