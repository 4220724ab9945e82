import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import type { Head } from '../../proof/statement.ts';
import { counted } from '../../proof/counted.ts';
import { faultsIn, verdictOf, verifyExport } from '../../proof/verify-export.ts';
import { writeExport } from '../../proof/write-export.ts';
import { CliError, cancelled, messageOf, notWritten } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { requireEmptyFolder } from '../folders.ts';
import { bytes, count } from '../text/numbers.ts';
import { type LedgerPlace, type OpenLedger, openLedger } from './open-ledger.ts';
import { askForDigest } from './ask-for-digest.ts';
import { readEvidence, type TenantEvidence } from './tenant-evidence.ts';

/**
 * Exports what digests cover of a tenant's history, and verifies what was written. The folder appears whole or not at all: what
 * is still being written stands beside it, and is no export until its manifest is there, which comes last.
 */
export async function runExport(
  options: { place: LedgerPlace; out: string; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const isNew = !existsSync(options.out);
  const out = requireEmptyFolder('out', options.out);
  // It was made to see whether it can be: an empty one would be taken for an export, if this is killed.
  if (isNew) await rmdir(out);
  const opened = await openLedger(options.place, context);
  try {
    return await exportTo(out, opened, options, context);
  } finally {
    await opened.close();
  }
}

async function exportTo(
  out: string,
  opened: OpenLedger,
  options: { place: LedgerPlace; out: string; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, now } = context;
  const { tenantId } = options.place;
  const refused = await askForDigest(opened, context);
  const evidence = await readEvidence({ ledger: opened.ledger, tenantId, stop: context.stop });
  const refuse = (cause: unknown): never => {
    throw notWritten(options.out, cause);
  };
  const partial = await mkdtemp(`${out}.partial-`).catch(refuse);
  try {
    await write(partial, { tenantId, evidence, exportedAt: new Date(now()).toISOString() }, context).catch(refuse);
    const verification = await verifyExport(partial);
    const { later, missing } = await evidence.eventsSince();
    await moveTo(partial, out, options.out);
    if (options.json) {
      const result = {
        folder: out,
        eventsSinceLastDigest: later,
        eventsMissing: missing,
        notSigned: refused,
        ...verification,
      };
      terminal.out(JSON.stringify(result, undefined, 2));
    } else {
      for (const line of verdictOf(verification)) terminal.out(line);
      for (const line of ledgerLines({ later, missing, refused: refused.length })) terminal.out(line);
      const faults = faultsIn(verification).length;
      const next =
        faults > 0 ? `It has ${counted(faults, 'fault')}, told above` : `Check it: turing verify ${options.out}`;
      terminal.note(`Exported to ${out}. ${next}`);
    }
    return faultsIn(verification).length + refused.length > 0 ? EXIT.breached : EXIT.ok;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** @returns how the ledger stands to what was exported, in words */
function ledgerLines({ later, missing, refused }: { later: number; missing: number; refused: number }): string[] {
  const lines: string[] = [];
  if (missing > 0) lines.push(`the ledger has lost ${counted(missing, 'event', count)} that the last digest covers`);
  if (later > 0) lines.push(`${counted(later, 'event', count)} came later: not exported`);
  if (refused > 0)
    lines.push(`no further digest is signed: ${counted(refused, 'chain')} of the ledger with a fault, told above`);
  return lines.length > 0 ? lines : ['the ledger has no event after it'];
}

async function write(
  folder: string,
  { tenantId, evidence, exportedAt }: { tenantId: string; evidence: TenantEvidence; exportedAt: string },
  { terminal, stop }: CommandContext,
): Promise<void> {
  let [events, size] = [0, 0];
  async function* watched(head: Head): AsyncGenerator<string> {
    for await (const line of evidence.lines(head)) {
      if (stop.aborted) throw cancelled();
      if (events % 1_000 === 0) terminal.live(`exporting… ${count(events)} events, ${bytes(size)}`);
      events += 1;
      size += line.length;
      yield line;
    }
  }
  const chains = evidence.heads.map((head) => ({ chain: head.chain, lines: watched(head) }));
  await writeExport(folder, { tenant: tenantId, exportedAt, chains, digests: evidence.digests() });
  terminal.live('verifying…');
}

async function moveTo(partial: string, out: string, given: string): Promise<void> {
  try {
    await rename(partial, out);
  } catch (cause) {
    throw new CliError(`Cannot move the export to "${given}": ${messageOf(cause)}`, { cause });
  }
}
