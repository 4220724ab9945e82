import type { EventPayload } from '../../contract/events.ts';

/** A customer as created: pk `<tenant>#customer#<customerId>`, sk `customer`. */
export interface CustomerRow {
  /** Last event that this row holds. */
  seq: number;
  customerId: string;
  createdAt: string;
  profile: EventPayload<'CustomerCreated'>;
  /** In the order in which they were opened. */
  accountIds: string[];
}
