import { type AccountProof, makeAccountProof } from '../../proof/account-proof.ts';
import { verifyAccountProof } from '../../proof/verify-account-proof.ts';
import { CliError, messageOf, notWritten } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { requireWritableFile } from '../folders.ts';
import { askForDigest } from './ask-for-digest.ts';
import { type LedgerPlace, openLedger } from './open-ledger.ts';
import { proofLines } from './run-verify-evidence.ts';
import { readEvidence } from './tenant-evidence.ts';
import { writeWhole } from './write-whole.ts';

/** Makes the proof of one account, and verifies it. The account's whole chain is read for it; no one else's events get into it. */
export async function runProof(
  options: { place: LedgerPlace; account: string; at: string; out?: string },
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const out = options.out === undefined ? undefined : requireWritableFile('out', options.out);
  const opened = await openLedger(options.place, context);
  try {
    const refused = await askForDigest(opened, context);
    terminal.live('reading…');
    const proof = await readProof(options, {
      ledger: opened.ledger,
      tenantId: options.place.tenantId,
      stop: context.stop,
    });
    const verification = verifyAccountProof(proof);
    const text = JSON.stringify(proof, undefined, 2);
    if (out === undefined) terminal.out(text);
    else
      await writeWhole(out, `${text}\n`).catch((cause: unknown) => {
        throw notWritten(options.out ?? out, cause);
      });
    for (const line of proofLines(verification)) terminal.note(line);
    if (out !== undefined) terminal.note(`Written to ${out}. Check it: turing verify ${options.out}`);
    return verification.fault || refused.length > 0 ? EXIT.breached : EXIT.ok;
  } finally {
    await opened.close();
  }
}

async function readProof(
  { account, at }: { account: string; at: string },
  source: Parameters<typeof readEvidence>[0],
): Promise<AccountProof> {
  const evidence = await readEvidence(source);
  const chain = account.slice('acc_'.length, 'acc_'.length + 2);
  const head = evidence.heads.find((each) => each.chain === chain);
  if (!head) throw new CliError(`Cannot prove "${account}": it is no account of a member`);
  const digests = await Array.fromAsync(evidence.digests());
  const publicKeys = [...new Set(digests.map(({ publicKey }) => publicKey))];
  try {
    const lines = evidence.lines(head);
    return await makeAccountProof({ tenant: source.tenantId, account, at, lines, digests, publicKeys });
  } catch (cause) {
    // Its errors say what is not as the digests have it; those of reading come through as they are.
    throw cause instanceof CliError ? cause : new CliError(messageOf(cause), { exitCode: EXIT.failed, cause });
  }
}
