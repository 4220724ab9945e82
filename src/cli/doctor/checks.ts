import { fileSystemFault } from '../../local/store/store-error.ts';
import { bytes } from '../text/numbers.ts';
import { messageOf } from '../cli-error.ts';
import { DEFAULT_PORT } from '../cloud/open-cloud.ts';
import type { Machine } from './machine.ts';

export interface CheckResult {
  name: string;
  /** `note`: works, but somebody may want to know. Only `fail` stops anything. */
  state: 'ok' | 'note' | 'fail';
  finding: string;
  /** What to do about it; there is one with each failure. */
  fix?: string;
}

/** The Lambda runtime's version of Node, which runs everything here too. */
const NODE_MAJOR = 24;
const PACKAGES = ['aws-cdk-lib', 'esbuild', 'kinesalite', 'aws-local-stepfunctions', '@scalar/api-reference', 'uplot'];
/** A month of 500 members takes some 100 MB, synthesis 20 MB. */
const FREE_BYTES = 500 * 1024 ** 2;
const MEMORY_BYTES = 2 * 1024 ** 3;

type Check = (machine: Machine) => CheckResult | Promise<CheckResult>;

/** All checks, in the order in which a start would stumble over them. */
export const CHECKS: readonly Check[] = [
  node,
  packages,
  engine,
  loopback,
  defaultPort,
  writable,
  diskSpace,
  memory,
  template,
  cloudFile,
  store,
];

function node({ nodeVersion }: Machine): CheckResult {
  const name = 'Node';
  if (Number(nodeVersion.split('.')[0]) >= NODE_MAJOR) return { name, state: 'ok', finding: nodeVersion };
  const fix = `Run it as npx turing or npm run demo: these use the Node ${NODE_MAJOR} that npm ci installs.`;
  return { name, state: 'fail', finding: `${nodeVersion}, older than the Lambda runtime's ${NODE_MAJOR}`, fix };
}

function packages({ resolves }: Machine): CheckResult {
  const missing = PACKAGES.filter((packageName) => !resolves(packageName));
  if (missing.length === 0) return { name: 'Packages', state: 'ok', finding: 'installed' };
  return { name: 'Packages', state: 'fail', finding: `missing: ${missing.join(', ')}`, fix: 'npm ci' };
}

async function engine({ dynamodbEndpoint, enginePath, platform, run, answers }: Machine): Promise<CheckResult> {
  const name = 'DynamoDB engine';
  if (dynamodbEndpoint !== undefined) {
    if (await answers(dynamodbEndpoint))
      return { name, state: 'ok', finding: `DYNAMODB_ENDPOINT ${dynamodbEndpoint} answers` };
    const fix = 'Start that server, or unset DYNAMODB_ENDPOINT to use the embedded engine.';
    return { name, state: 'fail', finding: `DYNAMODB_ENDPOINT ${dynamodbEndpoint} does not answer`, fix };
  }
  if (enginePath === undefined) {
    const fix = 'npm ci (without --omit=optional), or set DYNAMODB_ENDPOINT to any DynamoDB-compatible server.';
    return { name, state: 'fail', finding: `no embedded engine for ${platform}`, fix };
  }
  try {
    return { name, state: 'ok', finding: await run(enginePath, ['--version']) };
  } catch {
    const fix = 'Reinstall it with npm ci, or set DYNAMODB_ENDPOINT to any DynamoDB-compatible server.';
    return { name, state: 'fail', finding: `${enginePath} does not run here`, fix };
  }
}

async function loopback({ canListen }: Machine): Promise<CheckResult> {
  const name = 'Loopback network';
  if (await canListen(0)) return { name, state: 'ok', finding: '127.0.0.1 accepts listeners' };
  return { name, state: 'fail', finding: 'cannot listen on 127.0.0.1', fix: 'Allow this user to open local ports.' };
}

async function defaultPort({ canListen, cloudFile: { address, alive } }: Machine): Promise<CheckResult> {
  const name = `Port ${DEFAULT_PORT}`;
  if (await canListen(DEFAULT_PORT)) return { name, state: 'ok', finding: 'free' };
  if (alive && address !== undefined && new URL(address.apiUrl).port === String(DEFAULT_PORT)) {
    return { name, state: 'ok', finding: `used by the running cloud, process ${address.pid}` };
  }
  return {
    name,
    state: 'note',
    finding: 'taken by another program',
    fix: 'None needed: turing takes another port and says which.',
  };
}

/** The folders that a start writes to. The template is kept in the state's, wherever the store is. */
function placesOf({ paths, isDataGiven }: Machine): string[] {
  return [...(isDataGiven ? [paths.data] : []), paths.state, paths.temporary];
}

function writable(machine: Machine): CheckResult {
  const { paths, kindOf, writableFault } = machine;
  const name = 'Write permission';
  // The folder of a store is never made: a look at it leaves nothing behind.
  const places = placesOf(machine).filter((path) => path !== paths.data || kindOf(path) === 'folder');
  const faults = places.flatMap((path) => {
    const fault = writableFault(path);
    return fault === undefined ? [] : [{ path, fault }];
  });
  const [first] = faults;
  if (first === undefined) return { name, state: 'ok', finding: places.join(', ') };
  const fix = `${remedyOf(first.fault, first.path)}${first.path === paths.temporary ? ', or set TMPDIR to another folder' : ''}.`;
  return { name, state: 'fail', finding: faults.map(({ path, fault }) => `${path}: ${saidOf(fault)}`).join('; '), fix };
}

/** In the words of a start that cannot write there. @param fault an error's code */
function saidOf(fault: string): string {
  const known = fileSystemFault(fault);
  return known === undefined ? fault : `${known.finding} (${fault})`;
}

function remedyOf(fault: string, folder: string): string {
  return fileSystemFault(fault)?.remedy?.(folder) ?? `Make ${folder} writable for this user`;
}

function diskSpace(machine: Machine): CheckResult {
  const { freeBytes } = machine;
  const name = 'Disk space';
  const free = placesOf(machine).map((path) => ({ path, free: freeBytes(path) }));
  const short = free.find((place) => place.free < FREE_BYTES);
  if (short === undefined)
    return { name, state: 'ok', finding: free.map((place) => `${bytes(place.free)} at ${place.path}`).join(', ') };
  const fix = `Free ${bytes(FREE_BYTES)}; old runs are in .turing/runs, old stores in .turing/data.`;
  return { name, state: 'fail', finding: `only ${bytes(short.free)} at ${short.path}`, fix };
}

function memory({ memoryBytes }: Machine): CheckResult {
  if (memoryBytes >= MEMORY_BYTES) return { name: 'Memory', state: 'ok', finding: bytes(memoryBytes) };
  const fix = 'Use fewer members if it runs out: turing demo --members 100.';
  return { name: 'Memory', state: 'note', finding: `${bytes(memoryBytes)}: little`, fix };
}

function template({ templateCached }: Machine): CheckResult {
  if (templateCached()) return { name: 'Template', state: 'ok', finding: 'synthesized and cached' };
  return {
    name: 'Template',
    state: 'note',
    finding: 'not cached',
    fix: 'None needed: the next start synthesizes it, in some seconds.',
  };
}

function cloudFile({ cloudFile: { address, alive } }: Machine): CheckResult {
  const name = 'Running cloud';
  if (address === undefined) return { name, state: 'ok', finding: 'none' };
  if (alive) return { name, state: 'ok', finding: `process ${address.pid} at ${address.apiUrl}` };
  const finding = `.turing/cloud.json names process ${address.pid}, which is gone`;
  return { name, state: 'note', finding, fix: 'None needed: the next turing up cleans up after it.' };
}

async function store({ kindOf, writableFault, examineStore, isDataGiven, paths }: Machine): Promise<CheckResult> {
  const name = 'Store';
  const { data } = paths;
  const kind = kindOf(data);
  if (kind === undefined) {
    if (!isDataGiven) return { name, state: 'ok', finding: `none yet at ${data}` };
    const fix = 'Give --data the folder of a store; turing up --data DIR begins a new one.';
    return { name, state: 'fail', finding: `there is no folder ${data}`, fix };
  }
  if (kind === 'file') return { name, state: 'fail', finding: `${data} is a file`, fix: 'Give --data a folder.' };
  // Before it is looked at: the database cannot be opened where nothing can be written, which is no damage.
  const fault = writableFault(data);
  if (fault !== undefined) {
    const fix = `${remedyOf(fault, 'it')}, or copy it and look at the copy: cp -r ${data} DIR. It was not examined.`;
    return { name, state: 'fail', finding: `${data} cannot be written: ${saidOf(fault)}`, fix };
  }
  try {
    const examined = await examineStore(data);
    if (examined === undefined) return { name, state: 'ok', finding: `none yet at ${data}` };
    const size = bytes(examined.bytes);
    if (examined.note === undefined) return { name, state: 'ok', finding: `sound, ${size} at ${data}` };
    const finding = `${size} at ${data} with nothing wrong in them, but ${examined.note}`;
    const fix = 'Put it back from a copy where there is one. A start writes it anew, of what is there then.';
    return { name, state: 'note', finding, fix };
  } catch (error) {
    const fix = 'docs/operating/faults.md says what can be done. turing up --data DIR begins another one meanwhile.';
    return { name, state: 'fail', finding: messageOf(error), fix };
  }
}
