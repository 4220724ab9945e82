import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { REMEMBERED_COMMANDS, RememberedCommands } from '../../core/chain/remembered.ts';
import { type HeldChainState, initialChainState } from '../../core/chain/state.ts';
import type { SealedManifest } from './port.ts';

/**
 * Must rise with every change of the form below, of what the core keeps of a chain, or of how it folds events: a snapshot of
 * another version is ignored. A test of this folder holds a digest that tells when.
 */
export const SNAPSHOT_VERSION = 2;

/** What a snapshot is of and what it is made of. */
export interface Manifest {
  version: number;
  /** Full name of the chain. */
  chain: string;
  /** The last event folded in, and its hash. */
  seq: number;
  hash: string;
  /** Commands of a generation: who remembers more, or fewer, does not forget when others do. */
  remembers: number;
  /** SHA-256 of each piece, in order: commands of the older generation, of the younger, and the tables. */
  old: string[];
  young: string[];
  tables: string[];
}

export interface EncodedSnapshot {
  manifest: Manifest;
  /** By digest. */
  pieces: Map<string, Uint8Array>;
}

/** A snapshot that cannot be used. The reason is for the log; the remedy is to read the chain. */
export class SnapshotFaultError extends Error {
  readonly code = 'SNAPSHOT_FAULT';
  constructor(reason: string, options?: { cause?: unknown }) {
    super(`Cannot use the snapshot: ${reason}`, options);
    this.name = 'SnapshotFaultError';
  }
}

const TABLES = ['tenants', 'products', 'customers', 'accounts', 'ledger'] as const;
type TableName = (typeof TABLES)[number];

/** Characters of a piece's rows as JSON. An item of the engine holds 400 KB: with a row's length above this there is room. */
const TABLES_PIECE_CHARACTERS = 128 * 1024;
const GZIP_LEVEL = 3;

/**
 * Takes a chain's state to pieces of at most 400 KB. Full pieces of commands stay what they are while the chain grows, so
 * that a later snapshot shares them.
 */
export function encodeSnapshot(
  ref: ChainRef,
  head: { seq: number; hash: string },
  state: HeldChainState,
): EncodedSnapshot {
  const pieces = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array): string => {
    const digest = sha256Of(bytes);
    pieces.set(digest, bytes);
    return digest;
  };
  const { old, young } = state.commands.pieces();
  const manifest: Manifest = {
    version: SNAPSHOT_VERSION,
    chain: fullChainName(ref),
    ...head,
    remembers: state.commands.capacity,
    old: old.map((words) => add(bytesOf(words))),
    young: young.map((words) => add(bytesOf(words))),
    tables: rowChunks(state).map((rows) => add(gzipSync(`[${rows.join(',')}]`, { level: GZIP_LEVEL }))),
  };
  return { manifest, pieces };
}

/** @param pieces by digest; they must have been checked against it. @throws SnapshotFaultError */
export function decodeSnapshot(manifest: Manifest, pieces: ReadonlyMap<string, Uint8Array>): HeldChainState {
  const bytesOfPiece = (digest: string): Uint8Array => {
    const bytes = pieces.get(digest);
    if (!bytes) throw new SnapshotFaultError(`piece ${digest} is missing`);
    return bytes;
  };
  const wordsOfPiece = (digest: string): Uint32Array => wordsOf(bytesOfPiece(digest));
  try {
    const commands = new RememberedCommands(manifest.remembers, {
      old: manifest.old.map(wordsOfPiece),
      young: manifest.young.map(wordsOfPiece),
    });
    const state: HeldChainState = { ...initialChainState(), commands };
    for (const digest of manifest.tables) {
      // The digest was checked: it is what `encodeSnapshot` of this version wrote.
      const rows = JSON.parse(gunzipSync(bytesOfPiece(digest)).toString('utf8')) as [TableName, string, unknown][];
      for (const [table, key, value] of rows) (state[table] as Map<string, unknown>).set(key, value);
    }
    return state;
  } catch (cause) {
    if (cause instanceof SnapshotFaultError) throw cause;
    throw new SnapshotFaultError('it cannot be read', { cause });
  }
}

export function sealManifest(manifest: Manifest): SealedManifest {
  const text = JSON.stringify(manifest);
  return { text, digest: hash('sha256', text, 'hex') };
}

/** @throws SnapshotFaultError when the manifest was changed, is of another version, another memory or another chain */
export function openManifest({ text, digest }: SealedManifest, ref: ChainRef): Manifest {
  if (hash('sha256', text, 'hex') !== digest) throw new SnapshotFaultError('its manifest is not what was written');
  const manifest = JSON.parse(text) as Manifest; // as `sealManifest` of its version wrote it
  if (manifest.version !== SNAPSHOT_VERSION)
    throw new SnapshotFaultError(`it is of version ${manifest.version}, not ${SNAPSHOT_VERSION}`);
  if (manifest.remembers !== REMEMBERED_COMMANDS)
    throw new SnapshotFaultError(`it remembers ${manifest.remembers} commands, not ${REMEMBERED_COMMANDS}`);
  if (manifest.chain !== fullChainName(ref)) throw new SnapshotFaultError(`it is of chain "${manifest.chain}"`);
  return manifest;
}

/** @throws SnapshotFaultError */
export function checkPiece(digest: string, bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) throw new SnapshotFaultError(`piece ${digest} is missing`);
  if (sha256Of(bytes) !== digest) throw new SnapshotFaultError(`piece ${digest} is not what was written`);
  return bytes;
}

export function piecesOf({ old, young, tables }: Manifest): string[] {
  return [...new Set([...old, ...young, ...tables])];
}

function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** Rows of all tables as JSON, `[table, key, value]` each, in pieces. */
function rowChunks(state: HeldChainState): string[][] {
  const chunks: string[][] = [];
  let room = 0;
  for (const table of TABLES) {
    for (const [key, value] of state[table]) {
      const row = JSON.stringify([table, key, value]);
      if (row.length > room) {
        chunks.push([]);
        room = TABLES_PIECE_CHARACTERS;
      }
      chunks.at(-1)?.push(row);
      room -= row.length;
    }
  }
  return chunks;
}

/** Little-endian, whatever the machine. */
function bytesOf(words: Uint32Array): Uint8Array {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const copy = Buffer.from(bytes);
  return IS_BIG_ENDIAN ? copy.swap32() : copy;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const copy = Uint8Array.from(bytes);
  if (IS_BIG_ENDIAN) Buffer.from(copy.buffer).swap32();
  return new Uint32Array(copy.buffer);
}

const IS_BIG_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 0;
