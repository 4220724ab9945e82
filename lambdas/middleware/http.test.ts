import { describe, expect, it } from 'vitest';
import { fault, type Reply } from '../../src/gateway/reply.ts';
import { renderReplies, renderReply } from './http.ts';

const again = [fault('TooManyRequests', 'Come again'), fault('ServiceUnavailable', 'Come again')];
const final: Reply = fault('NotFound', 'Cannot find the account');

describe('Retry-After', () => {
  it.each(again)('is told with what is to come again, alone and among others', (reply) => {
    expect(renderReply(reply).headers).toMatchObject({ 'retry-after': '1' });
    expect(renderReplies([final, reply])).toMatchObject({ statusCode: 200, headers: { 'retry-after': '1' } });
  });

  it('is not told with what is decided', () => {
    expect(renderReply(final).headers).not.toHaveProperty('retry-after');
    expect(renderReplies([final, final]).headers).not.toHaveProperty('retry-after');
  });
});
