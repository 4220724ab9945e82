import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportUnreadableError, readKeys } from '../../proof/read-export.ts';
import { type Damage, damageCopy, DAMAGES } from '../../proof/tamper.ts';
import { faultsIn, verifyExport } from '../../proof/verify-export.ts';
import { CliError, cancelled, messageOf } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Style } from '../terminal.ts';
import { table } from '../text/table.ts';
import { pythonLack, runPythonVerifier } from './python-verifier.ts';
import { isFolder, readKeyFiles } from './trusted.ts';

/** What came of one damage. */
interface Trial {
  name: string;
  title: string;
  /** Where it was done; absent where the export is too small for it. */
  done?: string;
  /** Why it could not be done. */
  skipped?: string;
  /** What the reader had to know from elsewhere for it to be found; absent where it was not. */
  needs?: string;
  /** What each verifier found, in its words; `null` for one that cannot run here. */
  turing: string[];
  python: string[] | null;
}

/** What a reader of exports may know from before. */
interface Known {
  name: string;
  /** For our verifier. */
  options: Parameters<typeof verifyExport>[1];
  /** The same for the other one. */
  texts: string[];
}

/**
 * Shows on copies of an export that each damage is found: by the copy alone, else by who has the public key from elsewhere, else by
 * who has kept the last digest too, as a regulator would.
 */
export async function runTamper(
  options: { folder: string; keyFiles: readonly string[]; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, stop } = context;
  const { folder } = options;
  if (!(await isFolder(folder)))
    throw new CliError(`Cannot use "${folder}": it is a file, and not the folder of an export`);
  const scratch = await mkdtemp(join(tmpdir(), 'turing-tamper-'));
  try {
    const knowledge = await knowledgeOf(folder, options.keyFiles, scratch);
    const lack = pythonLack();
    if (lack !== undefined) terminal.note(`verify.py is not run: ${lack}`);
    const trials: Trial[] = [];
    for (const damage of DAMAGES) {
      if (stop.aborted) throw cancelled();
      terminal.live(`${damage.name}…`);
      trials.push(
        await tryOn(damage, { folder, to: join(scratch, damage.name), knowledge, python: lack === undefined }),
      );
    }
    if (options.json) terminal.out(JSON.stringify(trials, undefined, 2));
    else for (const line of trialLines(trials, terminal.outStyle)) terminal.out(line);
    return trials.every(isCaught) ? EXIT.ok : EXIT.breached;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @throws CliError where the export itself is not sound: then nothing can be shown on it */
async function knowledgeOf(folder: string, keyFiles: readonly string[], scratch: string): Promise<Known[]> {
  try {
    const publicKeys = (await readKeyFiles(keyFiles)) ?? (await readKeys(folder)).last;
    const result = await verifyExport(folder, { publicKeys });
    const [fault] = faultsIn(result);
    if (fault !== undefined || !result.latest)
      throw new CliError(`The export has a fault before it is tampered with: ${fault ?? 'it has no digest'}`, {
        exitCode: EXIT.breached,
      });
    const { number, sha256 } = result.latest;
    const files = publicKeys.map((_, index) => join(scratch, `known-${index}.pem`));
    for (const [index, file] of files.entries()) await writeFile(file, publicKeys[index] ?? '');
    const kept = new Map([[number, sha256]]);
    return [
      { name: 'the copy alone', options: {}, texts: [] },
      { name: 'the key', options: { publicKeys }, texts: files },
      { name: 'the last digest', options: { publicKeys, kept }, texts: [...files, `${number}:${sha256}`] },
    ];
  } catch (cause) {
    throw cause instanceof ExportUnreadableError ? new CliError(cause.message, { cause }) : cause;
  }
}

async function tryOn(
  damage: Damage,
  { folder, to, knowledge, python }: { folder: string; to: string; knowledge: Known[]; python: boolean },
): Promise<Trial> {
  const { name, title } = damage;
  const trial: Trial = { name, title, turing: [], python: python ? [] : null };
  try {
    trial.done = await damageCopy(damage, { from: folder, to });
  } catch (error) {
    return { ...trial, skipped: messageOf(error) };
  }
  for (const known of knowledge) {
    trial.turing = faultsIn(await verifyExport(to, known.options));
    if (trial.turing.length === 0) continue;
    trial.needs = known.name;
    if (python) trial.python = await runPythonVerifier(to, known.texts);
    break;
  }
  await rm(to, { recursive: true, force: true });
  return trial;
}

function isCaught({ skipped, turing, python }: Trial): boolean {
  return skipped !== undefined || (turing.length > 0 && python?.length !== 0);
}

const SPANS = [
  '"between seq 1 and 60": the lines there still follow one another, only the hash in a digest shows that one of them is wrong. It',
  'covers all events since the digest before, so it cannot be told which; the more often digests are made the closer.',
  '',
];

function trialLines(trials: readonly Trial[], style: Style): string[] {
  const verdict = (faults: string[] | null): string =>
    faults === null ? 'not run' : faults.length > 0 ? 'caught' : 'NOT CAUGHT';
  const rows = trials.map(({ name, done, needs, skipped, turing, python }) =>
    skipped === undefined
      ? [name, done ?? '', verdict(turing), verdict(python), needs ?? '', turing[0] ?? '']
      : [name, '–', '–', '–', '–', `not possible: ${skipped}`],
  );
  const titles = ['damage', 'done at', 'turing', 'verify.py', 'by', 'first fault'].map((title) => ({ title }));
  const missed = trials.filter((trial) => !isCaught(trial)).map(({ name }) => name);
  const skipped = trials.filter((trial) => trial.skipped !== undefined).length;
  const tried = trials.length - skipped;
  return [
    ...table(titles, rows, ''),
    '',
    ...table(
      [{ title: '' }, { title: '' }],
      trials.map(({ name, title }) => [name, title]),
      '',
    ),
    '',
    ...(trials.some(({ turing: [first = ''] }) => / between seq /.test(first)) ? SPANS : []),
    missed.length === 0
      ? style.good(`All ${tried} kinds of damage were caught${skipped > 0 ? `, ${skipped} were not possible` : ''}`)
      : style.bad(`Not caught: ${missed.join(', ')}`),
  ];
}
