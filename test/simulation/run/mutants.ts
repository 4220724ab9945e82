/** A bug that is planted in the real code: a piece of text of one file is replaced while it is loaded. */
export interface Mutant {
  name: string;
  /** Relative to the root of the repository. */
  file: string;
  /** Stands exactly once in the file. */
  from: string;
  to: string;
}

const WRITER = 'src/gateway/writer.ts';
const GROUP = 'src/gateway/group.ts';
const LEDGER = 'src/gateway/tenant-ledger.ts';
const JOURNAL = 'src/journal/dynamodb-journal.ts';
const VIEWS = 'src/views/store/dynamodb-views.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'puts have no condition',
    file: JOURNAL,
    from: 'ConditionExpression: NEW,',
    to: '',
  },
  {
    name: 'appends to several chains are puts one by one',
    file: JOURNAL,
    from: `client.send(
              'TransactWriteItems',
              { TransactItems: puts.map((Put) => ({ Put })), ClientRequestToken: newToken() },
              within,
            )`,
    to: `(async () => { void newToken; for (const put of puts) await client.send('PutItem', put, within); })()`,
  },
  {
    name: 'an answer that got lost counts as success',
    file: JOURNAL,
    from: `if (!failed) return unavailable('Cannot append to the journal')(cause);`,
    to: `if (!failed) return { outcome: 'appended' };`,
  },
  {
    name: 'only the first page of a chain is read',
    file: 'src/dynamodb/pages.ts',
    from: 'next = start && send({ ExclusiveStartKey: start, Limit: limit });',
    to: 'next = undefined;',
  },
  {
    name: 'the head of a chain is read as it was',
    file: JOURNAL,
    from: `ConsistentRead: true,
          ScanIndexForward: false,`,
    to: 'ScanIndexForward: false,',
  },
  {
    name: 'a chain is read as it was',
    file: JOURNAL,
    from: `':after': { N: String(afterSeq) } },
        ConsistentRead: true,`,
    to: `':after': { N: String(afterSeq) } },`,
  },
  {
    name: 'what is unique is not reserved',
    file: JOURNAL,
    from: '...reservations.map(itemOfReservation)',
    to: '',
  },
  {
    name: 'commands are answered before they are written',
    file: WRITER,
    from: 'const result = await context.journal.append(draft);',
    to: `const result = { outcome: 'appended' } as any; void context.journal.append(draft).catch(() => undefined);`,
  },
  {
    name: 'a put that was refused counts as success',
    file: JOURNAL,
    from: "outcome: 'rejected',",
    to: "outcome: 'appended' as never,",
  },
  {
    name: 'an entry over chains is refused on what is remembered',
    file: WRITER,
    from: 'if (group.refusesAcross && (await moveOn(replicas)))',
    to: 'if (attempt < 0 && group.refusesAcross && (await moveOn(replicas)))',
  },
  {
    name: 'keys are forgotten',
    file: GROUP,
    from: 'const remembered = this.#draft(home).state.commands.get(command.key);',
    to: `const remembered = this.#draft(home).state.commands.get('0'.repeat(32));`,
  },
  {
    name: 'a key stands for any command',
    file: GROUP,
    from: 'remembered.digest === command.digest ?',
    to: 'remembered ?',
  },
  {
    name: 'refusals are not recorded',
    file: GROUP,
    from: 'for (const each of placed) {',
    to: `if (placed[0]?.event.type === 'CommandRefused') {
      this.outcomes.push({ kind: 'decided', placed });
      return true;
    }
    for (const each of placed) {`,
  },
  {
    name: 'a repeat is answered with one event too few',
    file: 'src/gateway/answer.ts',
    from: 'seq < place.seq + place.events;',
    to: 'seq < place.seq + place.events - 1;',
  },
  {
    name: 'the lock of a chain lets everybody in',
    file: 'src/gateway/lock.ts',
    from: 'await before;',
    to: 'void before;',
  },
  {
    name: 'locks are taken in the order of the legs',
    file: LEDGER,
    from: 'return [...new Set(routed.flatMap((each) => each.chains))].sort();',
    to: 'return [...new Set(routed.flatMap((each) => each.chains))];',
  },
  {
    name: 'products are read once',
    file: 'src/gateway/gateway.ts',
    from: `if (!ledger.tenant || segment.some(({ envelope }) => envelope.commandType === 'OpenAccount'))`,
    to: 'if (!ledger.tenant)',
  },
  {
    name: 'the funds are not checked',
    file: 'src/core/ledger/post-entry.ts',
    from: 'deltaMinor < 0 && balanceMinor < account.floorMinor',
    to: 'deltaMinor < 0 && balanceMinor < account.floorMinor - 1e9',
  },
  {
    name: 'pieces of snapshots are not checked',
    file: 'src/journal/snapshots/codec.ts',
    from: 'if (sha256Of(bytes) !== digest)',
    to: 'if (sha256Of(bytes).length !== digest.length)',
  },
  {
    name: 'a snapshot is taken for the state of another moment',
    file: 'src/journal/snapshots/load-snapshot.ts',
    from: `if (commit?.lastSeq !== seq || commit.headHash !== hash)
    throw new SnapshotFaultError(\`the journal has no commit that ends at seq \${seq} with its hash\`);
  return { seq, hash,`,
    to: `const last = await journal.lastCommit(ref);
  return { seq: last?.lastSeq ?? seq, hash: last?.headHash ?? hash,`,
  },
  {
    name: 'a gap in the records goes unseen',
    file: 'src/views/projection/commit-source.ts',
    from: 'if (faultOfLink(image, lines, { after: position, sha256 }) !== undefined) break;',
    to: 'void faultOfLink;',
  },
  {
    name: 'a record is applied twice',
    file: 'src/views/accounts/account-reducer.ts',
    from: 'if (account && account.row.seq >= event.seq) return;',
    to: '',
  },
  {
    name: 'the cursor moves before the rows are written',
    file: 'src/views/projection/round.ts',
    from: 'await this.#store.put(changed);',
    to: 'void this.#store.put(changed).catch(() => undefined);',
  },
  {
    name: 'rows are read as they were',
    file: VIEWS,
    from: '{ Keys: keys, ConsistentRead: true }',
    to: '{ Keys: keys }',
  },
  {
    name: 'rows that a batch gives back are not written',
    file: VIEWS,
    from: '(answer.UnprocessedItems?.[tableName] ?? [])',
    to: '([] as { PutRequest?: { Item: Item } }[])',
  },
  {
    name: 'the sweep skips a chain',
    file: 'src/views/sweep/find-lagging-chains.ts',
    from: 'chainsOf(tenant.chains)',
    to: 'chainsOf(tenant.chains).slice(0, -1)',
  },
  {
    name: 'a digest does not name the one before',
    file: 'src/proof/make-digest.ts',
    from: 'previous: last ? sha256(last.text) : null,',
    to: 'previous: last && last.text === undefined ? sha256(last.text) : null,',
  },
];

/** @returns the text with the bug in it. @throws when what is to be replaced does not stand there exactly once */
export function plant({ name, file, from, to }: Mutant, text: string): string {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`Mutant "${name}": expected its text once in ${file}, found it ${parts.length - 1} times`);
  return parts.join(to);
}
