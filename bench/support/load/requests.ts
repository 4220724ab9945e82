import { chainOfId } from '../../../src/core/chain/name.ts';
import { ACTOR } from '../actor.ts';

export interface RequestOptions {
  tenantId: string;
  /** Members' accounts, which all hold far more than what is posted. */
  accounts: readonly string[];
  /** Commands of a request; 1 gives single commands, not batches of one. */
  batch: number;
  /** Whether a batch's accounts are drawn from all chains, or from one, as a sender who groups them by their ids would have it. */
  spread: 'all-chains' | 'one-chain';
  /** Makes the keys of one run unlike those of any other: 8 hex digits. */
  runId: string;
}

/** Makes bodies of requests, each with keys never used before, at the cost of copying them. */
export interface Requests {
  /** Path below the API's version. */
  path: string;
  bodyBytes: number;
  /** The next body, in a buffer that is the caller's until its next call with the same slot. */
  next(slot: number): Buffer;
}

/** Bodies are made before the load begins, as pairs; what differs from use to use is written into them. */
const PAIRS_MIN = 32;
/** How often an account is drawn on average: with four hardly one in fifty is left out. */
const DRAWS_AN_ACCOUNT = 4;
const SERIAL = '000000000000';

/**
 * PostEntry commands of two legs, member and clearing account in turns. Templates come in pairs that undo each other, so that
 * balances stay near where they began, however long a run is; the two of a pair are far apart, so that they share no more than
 * any others.
 */
export function createRequests(options: RequestOptions): Requests {
  const { tenantId, batch } = options;
  const templates = templateCommands(options).map((commands) => templateOf(commands, batch));
  const largest = Math.max(...templates.map(({ bytes }) => bytes.length));
  const slots = new Map<number, Buffer>();
  let serial = 0;
  let turn = 0;
  return {
    path: `/tenants/${tenantId}/commands${batch === 1 ? '' : '/batch'}`,
    bodyBytes: largest,
    next(slot) {
      const template = templates[turn++ % templates.length];
      if (!template) throw new Error('There is no template');
      let buffer = slots.get(slot);
      if (!buffer) slots.set(slot, (buffer = Buffer.allocUnsafe(largest)));
      template.bytes.copy(buffer);
      for (const [idAt, keyAt] of template.places) {
        const digits = String(++serial).padStart(SERIAL.length, '0');
        buffer.write(digits, idAt, 'latin1');
        buffer.write(digits, keyAt, 'latin1');
      }
      return buffer.subarray(0, template.bytes.length);
    },
  };
}

interface Template {
  bytes: Buffer;
  /** Where each command's serial number stands: in its id and in its key. */
  places: [number, number][];
}

function templateOf(commands: readonly string[], batch: number): Template {
  const text = batch === 1 ? commands.join('') : `{"commands":[${commands.join(',')}]}`;
  const bytes = Buffer.from(text);
  const places: [number, number][] = [];
  for (let at = bytes.indexOf(SERIAL); at >= 0;) {
    const keyAt = bytes.indexOf(SERIAL, at + SERIAL.length);
    places.push([at, keyAt]);
    at = bytes.indexOf(SERIAL, keyAt + SERIAL.length);
  }
  return { bytes, places };
}

function templateCommands(options: RequestOptions): string[][] {
  const { accounts, batch, spread } = options;
  const random = createRandom();
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const chains = [...Map.groupBy(accounts, (accountId) => chainOfId(accountId) ?? '').values()];
  const pairs = Math.max(PAIRS_MIN, Math.ceil((DRAWS_AN_ACCOUNT * accounts.length) / batch));
  const there: Move[][] = Array.from({ length: pairs }, (_, index) => {
    const from = spread === 'all-chains' ? accounts : (chains[index % chains.length] ?? []);
    return Array.from({ length: batch }, (_unused, place) => ({
      accountId: pick(from),
      amount: Math.floor(random() * 9_999 + 1) / 100,
      paysIn: (place + index) % 2 === 0,
    }));
  });
  const back = there.map((moves) => moves.map((move) => ({ ...move, paysIn: !move.paysIn })).reverse());
  return [...there, ...back].map((moves) => moves.map((move) => commandText(move, options)));
}

interface Move {
  accountId: string;
  amount: number;
  paysIn: boolean;
}

function commandText({ accountId, amount, paysIn }: Move, { tenantId, runId }: RequestOptions): string {
  return JSON.stringify({
    commandId: `${runId}-0000-4000-8000-${SERIAL}`,
    tenantId,
    commandType: 'PostEntry',
    actor: { actorType: 'SERVICE', actorId: ACTOR },
    timestamp: '2025-03-03T10:00:00Z',
    payload: {
      bookingDate: '2025-03-03',
      valueDate: '2025-03-03',
      currency: 'AUD',
      legs: [
        { accountId, direction: paysIn ? 'DEBIT' : 'CREDIT', amount },
        { accountId: 'GL_CLEARING', direction: paysIn ? 'CREDIT' : 'DEBIT', amount },
      ],
      narrative: paysIn ? 'Transfer in' : 'Card purchase',
    },
    idempotencyKey: `bench-${runId}-${SERIAL}`,
  });
}

/** The same sequence in every run (mulberry32). */
function createRandom(): () => number {
  let state = 20_250_303;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
