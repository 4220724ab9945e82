import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../journal/sha256.ts';
import { type AccountProof, makeAccountProof } from './account-proof.ts';
import { createKeySigner, keyIdOf, makePrivateKey } from './keys.ts';
import { statementText, parsePeriod, parseStatement } from './statement.ts';
import { digestedBank, type DigestedBank } from './testing/bank-export.ts';
import { type AccountVerification, verifyAccountProof } from './verify-account-proof.ts';

let bank: DigestedBank;
let key: string;
let proof: AccountProof;
/** Balance after the last event that a digest covers. */
let signedBalance: number;

const make = (change: Partial<Parameters<typeof makeAccountProof>[0]> = {}) =>
  makeAccountProof({
    tenant: bank.tenant,
    account: bank.accountId,
    at: '2025-12-31',
    lines: bank.lines(bank.chain),
    digests: bank.digests,
    publicKeys: [key],
    ...change,
  });

beforeAll(async () => {
  bank = await digestedBank({ digests: 3 });
  key = await bank.signer.publicKeyPem();
  const lines = await Array.fromAsync(bank.lines(bank.chain));
  const events = lines.map((line) => JSON.parse(line)).filter(({ entityId }) => entityId === bank.accountId);
  signedBalance = events.findLast(({ type }) => type === 'AccountBalanceUpdated').payload.balanceMinor;
  await bank.live('after the last digest');
  // A proof goes from hand to hand as JSON.
  proof = JSON.parse(JSON.stringify(await make()));
});

/** @returns the first fault of a proof that somebody changed */
const faultOf = (change: (copy: AccountProof) => void) => {
  const copy = structuredClone(proof);
  change(copy);
  return verifyAccountProof(copy, { publicKeys: [key] }).fault?.reason;
};

describe('an account’s proof', () => {
  it('shows its events and its balance alone', () => {
    const verified = verifyAccountProof(proof);
    expect(verified).toEqual({
      tenant: 'CU_TEST',
      account: bank.accountId,
      at: '2025-12-31',
      keys: [bank.digests[0]!.key],
      digests: [1, 2, 3],
      kept: [],
      events: proof.events.length,
      balanceMinor: signedBalance,
      currency: 'AUD',
      signedAt: '2026-01-01T00:00:03.000Z',
      firstDay: '2025-01-01',
      lastEventDay: '2025-01-03',
      lastDay: '2026-01-01',
    });
    expect(proof.events.length).toBeGreaterThan(20);
    expect(proof.digests).toHaveLength(3);
    expect(verifyAccountProof(proof, { publicKeys: [key] }).fault).toBeUndefined();
  });

  it('names nobody else', () => {
    for (const { line } of proof.events) expect(line).not.toMatch(/"acc_\d\d_\w+".*"acc_\d\d_\w+"/);
  });

  it('tells the balance at any day, by value date', async () => {
    expect(verifyAccountProof(await make({ at: '2025-01-01' })).balanceMinor).toBe(1_000_00);
    // The opening deposit; entries take value on the 3rd.
    expect(verifyAccountProof(await make({ at: '2025-01-02' })).balanceMinor).toBe(1_000_00);
    expect(verifyAccountProof(await make({ at: '2025-01-03' })).balanceMinor).toBe(signedBalance);
  });

  it('speaks for no day before the account was opened, and for none after its last digest', async () => {
    const before = 'The account was opened on 2025-01-01: there is no balance at the end of 2024-12-31';
    const after =
      'It cannot speak for 2026-01-02: the last possible day is 2026-01-01, that of the last digest that covers an event of the account';
    await expect(make({ at: '2024-12-31' })).rejects.toThrow(`the balance of account ${bank.accountId}: ${before}`);
    await expect(make({ at: '2026-01-02' })).rejects.toThrow(`the balance of account ${bank.accountId}: ${after}`);
    expect(verifyAccountProof(await make({ at: '2026-01-01' })).balanceMinor).toBe(signedBalance);
    expect(faultOf((copy) => (copy.at = '2024-12-31'))).toBe(before);
    expect(faultOf((copy) => (copy.at = '2026-01-02'))).toBe(after);
  });

  it('speaks for the ledger’s own days where these are ahead of the signer’s clock', async () => {
    const past = { at: '2024-06-30T00:00:00.000Z' };
    const digests = await Promise.all(
      bank.digests.map(async (digest) => {
        const statement = statementText({ ...parseStatement(digest.statement)!, ...past });
        return { ...digest, statement, signature: await bank.signer.sign(Buffer.from(statement)) };
      }),
    );
    const ahead = verifyAccountProof(await make({ at: '2025-01-03', digests }), { publicKeys: [key] });
    expect(ahead).toMatchObject({ balanceMinor: signedBalance, signedAt: past.at, lastDay: '2025-01-03' });
    expect(ahead.fault).toBeUndefined();
    await expect(make({ at: '2025-01-04', digests })).rejects.toThrow(
      'the last possible day is 2025-01-03, that of its last value date',
    );
  });

  it('carries only the keys that are needed', async () => {
    const other = await createKeySigner(makePrivateKey()).publicKeyPem();
    expect((await make({ publicKeys: [other, key] })).publicKeys).toEqual([key]);
  });

  it('is not made of what the digests do not say', async () => {
    const lines = await Array.fromAsync(bank.lines(bank.chain));
    await expect(make({ lines: lines.with(3, lines[4]!) })).rejects.toThrow('its chain is not what digest 1 says');
    await expect(make({ lines: lines.slice(0, 9) })).rejects.toThrow('lines of its chain are missing');
    await expect(make({ digests: [] })).rejects.toThrow('no digest covers an event');
    await expect(make({ account: `acc_${bank.chain}_unknown` })).rejects.toThrow('no digest covers an event');
    await expect(make({ account: 'GL_CASH' })).rejects.toThrow('no account of a member');
  });

  it('shows what was changed', async () => {
    const last = () => proof.events.length - 1;
    const seqAt = (at: number): number => JSON.parse(proof.events[at]!.line).seq;
    const other = createKeySigner(makePrivateKey());
    expect(faultOf((copy) => (copy.events[5]!.line = copy.events[5]!.line.replace(/\d(?=\D*$)/, '9')))).toBe(
      `The path from seq ${seqAt(5)} to digest ${proof.events[5]!.digest} does not lead there`,
    );
    expect(faultOf((copy) => (copy.events[5]!.previousHash = 'ab'.repeat(32)))).toContain('does not lead there');
    expect(faultOf((copy) => (copy.events[5]!.previousHash += ' '))).toContain('does not begin with its number');
    expect(faultOf((copy) => copy.digests.reverse())).toBe('Digest 2 does not follow digest 3');
    expect(faultOf((copy) => copy.digests.push(copy.digests[2]!))).toBe('Digest 3 does not follow digest 3');
    expect(faultOf((copy) => copy.events[5]!.path.reverse())).toContain('does not lead there');
    expect(faultOf((copy) => copy.events.splice(5, 1))).toContain('an event before it is missing');
    expect(faultOf((copy) => copy.events.splice(0, 1))).toBe('The first event does not open the account');
    expect(faultOf((copy) => copy.events.splice(5, 0, copy.events[5]!))).toContain('follows one at seq');
    expect(faultOf((copy) => copy.events.push(copy.events[0]!))).toContain(`follows one at seq ${seqAt(last())}`);
    expect(faultOf((copy) => copy.events.splice(0))).toBe('There is no event');
    expect(faultOf((copy) => copy.digests.splice(0, 1))).toBe('An event names digest 1, which is not here');
    expect(faultOf((copy) => (copy.digests[0]!.path = []))).toBe(
      'The path from the chain to digest 1 does not lead there',
    );
    expect(faultOf((copy) => (copy.digests[0]!.statement += ' '))).toContain('the form of a digest');
    expect(faultOf((copy) => (copy.events[0]!.line = 'null'))).toBe('A line is no event');
    expect(faultOf((copy) => (copy.events[0]!.line = '{'))).toBe('A line is no event');
    expect(faultOf((copy) => (copy.account = `${copy.account}x`))).toContain('is not of the account');
    expect(faultOf((copy) => (copy.account = 'acc_77_x'))).toContain('is not that of CU_TEST#chain#77');
    expect(faultOf((copy) => (copy.tenant = 'CU_OTHER'))).toBe('Digest 1 is that of CU_TEST');
    const text = statementText({ ...parseStatement(proof.digests[0]!.statement)!, number: 9 });
    expect(faultOf((copy) => (copy.digests[0]!.statement = text))).toContain('The signature of digest 9');
    const signature = Buffer.from(await other.sign(Buffer.from(proof.digests[0]!.statement))).toString('base64');
    expect(faultOf((copy) => (copy.digests[0]!.signature = signature))).toContain('The signature of digest 1');
    const forged = { ...proof, publicKeys: [await other.publicKeyPem()] };
    expect(verifyAccountProof(forged).fault).toEqual({
      tenant: 'CU_TEST',
      chain: bank.chain,
      reason: `The signature of digest 1 is not by key ${keyIdOf(forged.publicKeys[0]!)}`,
    });
    expect(verifyAccountProof({ ...proof, publicKeys: [] }).fault?.reason).toContain(
      'a key that is known: there is none',
    );
  });

  it('takes nothing but the way from figures that nobody signed: another number of leaves is caught, or says the same', () => {
    const verdict = verifyAccountProof(proof, { publicKeys: [key] });
    const changed = Array.from({ length: 101 }, (_, size) => {
      const copy = structuredClone(proof);
      copy.digests[0]!.size = size + 1;
      return verifyAccountProof(copy, { publicKeys: [key] });
    });
    expect(
      changed.some(({ fault }) => fault?.reason === 'The path from the chain to digest 1 does not lead there'),
    ).toBe(true);
    for (const each of changed) if (each.fault === undefined) expect(each).toEqual(verdict);
  });

  it('names the place of what was changed: its own seq, or between which it must be', () => {
    const placeOf = (change: (copy: AccountProof) => void) => {
      const copy = structuredClone(proof);
      change(copy);
      const { seq, to } = verifyAccountProof(copy, { publicKeys: [key] }).fault ?? {};
      return to === undefined ? seq : [seq, to];
    };
    const seqs = proof.events.map(({ line }): number => JSON.parse(line).seq);
    // Else the next seq and that of the next event are the same.
    const at = seqs.findIndex((seq, index) => index > 0 && seq > seqs[index - 1]! + 1);
    expect(at).toBeGreaterThan(0);
    const { digest } = proof.events[at]!;
    const { to } = parsePeriod(
      proof.tenant,
      proof.digests.find((each) => each.statement.includes(`"number":${digest},`))!.period,
    )!;
    expect(placeOf((copy) => copy.events[at]!.path.reverse())).toBe(seqs[at]);
    expect(placeOf((copy) => (copy.events[at]!.previousHash = 'x'))).toBe(seqs[at]);
    expect(placeOf((copy) => (copy.events[at]!.digest = 7))).toBe(seqs[at]);
    expect(placeOf((copy) => (copy.events[at]!.line = '{'))).toEqual([seqs[at - 1]! + 1, to]);
    expect(placeOf((copy) => (copy.digests[0]!.path = []))).toBeUndefined();
  });

  it('is held against digests that were kept, where it rests on them', async () => {
    const known = new Map(bank.digests.map(({ number, statement }) => [number, sha256(statement)]));
    known.delete(2);
    const { fault, digests, kept } = verifyAccountProof(proof, { kept: known.set(9, sha256('not in it')) });
    expect({ fault, digests, kept }).toEqual({ fault: undefined, digests: [1, 2, 3], kept: [1, 3] });
    expect(verifyAccountProof(proof, { kept: new Map([[2, sha256('x')]]) }).fault?.reason).toBe(
      'Digest 2 is not the one that was kept',
    );
  });

  it('does not look newer by a digest that none of its events rests on', async () => {
    const old = await make({ digests: bank.digests.slice(0, 1) });
    const last = bank.digests.at(-1)!;
    const newer = structuredClone(old);
    newer.digests.push(proof.digests.at(-1)!);
    const kept = new Map([[last.number, sha256(last.statement)]]);
    expect(verifyAccountProof(old, { publicKeys: [key], kept })).toMatchObject({ digests: [1] });
    expect(verifyAccountProof(newer, { publicKeys: [key], kept }).fault?.reason).toBe(
      `No event names digest ${last.number}, which is here`,
    );
  });

  it('is caught in a lie, or means the same, whichever of its bytes is changed', () => {
    const bytes = Buffer.from(JSON.stringify(proof));
    const means = ({ tenant, account, events, balanceMinor, currency, signedAt, digests }: AccountVerification) => {
      return { tenant, account, events, balanceMinor, currency, signedAt, digests };
    };
    const meaning = means(verifyAccountProof(proof, { publicKeys: [key] }));
    let caught = 0;
    const change = fc.record({ place: fc.nat(bytes.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(change, ({ place, byte }) => {
        const changed = Buffer.from(bytes);
        changed[place] = byte;
        let verified: AccountVerification;
        try {
          verified = verifyAccountProof(JSON.parse(changed.toString()), { publicKeys: [key] });
        } catch {
          caught += 1;
          return;
        }
        if (verified.fault) caught += 1;
        // The day is the question, not a part of the evidence: the answer names it.
        else if (verified.at !== proof.at) expect(verified.events).toBe(meaning.events);
        else expect(means(verified)).toEqual(meaning);
      }),
      { numRuns: 1_000 },
    );
    expect(caught).toBeGreaterThan(800);
  });

  it('does not show that none of the newest events was left out', () => {
    expect(faultOf((copy) => copy.events.pop())).toBeUndefined();
  });

  it('is told from what is none', () => {
    for (const value of [
      null,
      {},
      { ...proof, at: 'today' },
      { ...proof, at: '2025-02-30' },
      { ...proof, tenant: 'CU\nno fault was found' },
      { ...proof, account: 'acc_00\u001b[2J' },
      { ...proof, events: [null] },
      { ...proof, digests: [{}] },
    ])
      expect(() => verifyAccountProof(value)).toThrow('it is no proof of an account');
  });
});
