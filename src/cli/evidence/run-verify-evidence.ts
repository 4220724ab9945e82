import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VERIFIER_FILE } from '../../proof/export-format.ts';
import { counted } from '../../proof/counted.ts';
import { ExportUnreadableError, readManifest } from '../../proof/read-export.ts';
import { type AccountVerification, verifyAccountProof } from '../../proof/verify-account-proof.ts';
import { faultsIn, isKept, placeOf, verdictOf, verifyExport } from '../../proof/verify-export.ts';
import { VERIFIER } from '../../proof/write-export.ts';
import { CliError, messageOf } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { count, money } from '../text/numbers.ts';
import { isFolder, type KeptDigest, keptOf, readKept, readKeyFiles, readText } from './trusted.ts';

interface Options {
  path: string;
  keyFiles: readonly string[];
  kept: readonly string[];
  json: boolean;
}

interface Trusted {
  publicKeys: string[] | undefined;
  kept: KeptDigest[];
}

/** Verifies an export or an account's proof, with nothing but itself and what its reader knows from elsewhere. */
export async function runVerifyEvidence(options: Options, { terminal }: CommandContext): Promise<ExitCode> {
  const trusted = { publicKeys: await readKeyFiles(options.keyFiles), kept: await readKept(options.kept) };
  const exitCode = (await isFolder(options.path))
    ? await verifyFolder(options, trusted, terminal)
    : await verifyProof(options, trusted, terminal);
  if (trusted.publicKeys === undefined)
    terminal.note(
      'The key came along with it: this shows only that it agrees with itself. --key takes one you were given.',
    );
  return exitCode;
}

async function verifyFolder(
  { path, json }: Options,
  { publicKeys, kept }: Trusted,
  terminal: Terminal,
): Promise<ExitCode> {
  terminal.live('verifying…');
  const { tenant } = (await orUnreadable(readManifest(path))).manifest;
  const known = { kept: keptOf(tenant, kept), ...(publicKeys && { publicKeys }) };
  const verification = await orUnreadable(verifyExport(path, known));
  if (json) terminal.out(JSON.stringify({ trusted: publicKeys !== undefined, ...verification }, undefined, 2));
  else {
    for (const line of verdictOf(verification)) terminal.out(line);
    terminal.out(`signatures checked by ${keysText(verification.keys)}`);
  }
  const verifier = await readFile(join(path, VERIFIER_FILE)).catch(() => undefined);
  if (verifier && !verifier.equals(await readFile(VERIFIER)))
    terminal.note(`${VERIFIER_FILE} in this folder is not ours, or of another version: do not trust what it says`);
  return faultsIn(verification).length > 0 ? EXIT.breached : EXIT.ok;
}

async function verifyProof(
  { path, json }: Options,
  { publicKeys, kept }: Trusted,
  terminal: Terminal,
): Promise<ExitCode> {
  const text = await readText(path);
  const value = parsed(path, text);
  let verification: AccountVerification;
  try {
    const known = { kept: keptOf(String(value?.tenant), kept), ...(publicKeys && { publicKeys }) };
    verification = verifyAccountProof(value, known);
  } catch (cause) {
    throw cause instanceof CliError ? cause : new CliError(`Cannot verify "${path}": ${messageOf(cause)}`, { cause });
  }
  // Where there is a fault, it was not read to its end.
  const isWhole = verification.fault === undefined;
  const absent = kept.map(({ number }) => number).filter((number) => !verification.digests.includes(number));
  if (json) {
    const result = { trusted: publicKeys !== undefined, ...verification, ...(isWhole && { notCompared: absent }) };
    terminal.out(JSON.stringify(result, undefined, 2));
  } else for (const line of proofLines(verification)) terminal.out(line);
  if (absent.length > 0 && isWhole)
    terminal.note(`Not compared: the proof does not rest on digest ${absent.join(', ')}`);
  return verification.fault ? EXIT.breached : EXIT.ok;
}

function parsed(path: string, text: string): { tenant?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(
      `Cannot verify "${path}": expected the folder of an export, or an account’s proof as turing proof writes it`,
      { cause },
    );
  }
}

/** @returns the verdict on a proof in words */
export function proofLines(verification: AccountVerification): string[] {
  const { tenant, account, at, events, digests, kept, keys, signedAt, lastEventDay, fault } = verification;
  if (fault) {
    const { chain, seq, to } = fault;
    const place = seq === undefined ? '' : ` chain ${chain} ${placeOf({ seq, ...(to !== undefined && { to }) })}`;
    return [`FAULT ${tenant} account ${account}${place}: ${fault.reason}`];
  }
  // A day without an event to show for it, or one that was not over: another event could still come.
  const isOpen = at > lastEventDay || at >= signedAt.slice(0, at.length);
  return [
    `${tenant} account ${account}: ${balanceText(verification)} at the end of ${at}`,
    `${counted(events, 'event', count)}, in ${digestsText(digests)} of ${signedAt}`,
    `the last event is of ${lastEventDay}${isOpen ? `: the balance holds as far as was known at ${signedAt}` : ''}`,
    ...kept.map(isKept),
    'no fault was found',
    // Docs/concepts/verification.md, "What is proved, and what is not".
    'not shown by this alone: that no event of the account was left out, the newest or some that add up to zero;' +
      ' an export of its chain shows that',
    `signatures checked by ${keysText(keys)}`,
  ];
}

/** The decimals are those of the currency in ISO 4217, which the ledger goes by. */
function balanceText({ balanceMinor, currency }: AccountVerification): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  const decimals = format.maximumFractionDigits ?? 0;
  return money(balanceMinor / 10 ** decimals, currency, decimals);
}

function digestsText(digests: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of digests) {
    const run = runs.at(-1);
    if (run?.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  const texts = runs.flatMap(({ first, last }) =>
    last - first > 1 ? `${first} to ${last}` : [...new Set([first, last])].map(String),
  );
  const list = new Intl.ListFormat('en-GB').format(texts);
  return digests.length === 1 ? `digest ${list}` : `digests ${list}, the last`;
}

function keysText(keys: readonly string[]): string {
  return keys.length === 0 ? 'no key: there is none' : `key ${keys.join(', ')}`;
}

async function orUnreadable<Value>(reading: Promise<Value>): Promise<Value> {
  return reading.catch((cause: unknown) => {
    throw cause instanceof ExportUnreadableError ? new CliError(cause.message, { cause }) : cause;
  });
}
