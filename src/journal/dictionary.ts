/**
 * What the lines of an entry look like, given to the compressor so that a commit of few commands becomes small too: without
 * it, the names of fields are most of what is left. Part of the stored format (`docs/concepts/journal-format.md`): bodies
 * that were packed with it are read with it, so it never changes.
 */
export const BODY_DICTIONARY = [
  '{"seq":4,"type":"EntryPosted","entityId":"ent_00_4_","occurredAt":"2025-01-01T00:00:00Z","causationId":"","command":{"type":"PostEntry","key":"","digest":"","actor":"SYSTEM:","events":3,"others":[{"chain":"00","seq":5}]},"payload":{"bookingDate":"2025-01-01","valueDate":"2025-01-01","currency":"AUD","legs":[{"accountId":"acc_00_","direction":"CREDIT","amountMinor":1000},{"accountId":"GL_","direction":"DEBIT","amountMinor":1000}],"narrative":"","tags":{"category":"","channel":"POS","merchantMcc":"","counterparty":""}}}',
  '{"seq":5,"type":"AccountBalanceUpdated","entityId":"acc_00_","occurredAt":"2025-01-01T00:00:00Z","causationId":"","payload":{"entryId":"ent_00_4_","valueDate":"2025-01-01","deltaMinor":-1000,"balanceMinor":1000}}',
].join('\n');
