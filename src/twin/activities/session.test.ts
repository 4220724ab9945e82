import { expect, test } from 'vitest';
import { twinConfig } from '../config.ts';
import { FakeLedger } from '../testing/fake-ledger.ts';
import { liveThrough, World } from '../world/world.ts';
import { Session, type TwinPorts } from './session.ts';

const config = twinConfig({ runId: 'r', seed: 'x', members: 350, days: 6, start: '2025-01-22', workers: 1 });
const ports: TwinPorts = {
  ledger: new FakeLedger(),
  metrics: {
    requested: () => undefined,
    refused: () => undefined,
    unexpected: () => undefined,
    dayEnded: () => undefined,
  },
  actorId: 'TWIN_ORCHESTRATOR',
};

function plans() {
  const world = new World(config);
  return Array.from({ length: config.days }, () => world.advance());
}

test('a day that is lived ahead is the same, whoever asks for it in between, and for whichever day', async () => {
  const expected = plans();
  const session = new Session(config, ports);
  for (const [day, plan] of expected.entries()) {
    expect(session.plan(day)).toEqual(plan);
    const ahead = session.planAhead();
    await session.planAhead(); // is another's already
    if (day % 3 === 0) await ahead; // else it is not done when somebody asks
    if (day === 4) {
      expect(session.plan(0)).toEqual(expected[0]);
      expect(session.plan(day)).toEqual(plan);
    }
    if (day % 3 !== 0) void ahead;
  }
});

test('the world after its last day is whole though that day was only begun', () => {
  const session = new Session(config, ports);
  session.plan(config.days - 2);
  void session.planAhead();
  const [world, expected] = [session.finalWorld(), liveThrough(new World(config))];
  expect(world.tally).toEqual(expected.tally);
  expect([...world.books.generalLedger()]).toEqual([...expected.books.generalLedger()]);
});
