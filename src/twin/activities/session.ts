import { setImmediate as comesRound } from 'node:timers/promises';
import type { Sender } from '../commands/envelope.ts';
import type { TwinConfig } from '../config.ts';
import { Courier, type CourierMetrics } from '../ledger/courier.ts';
import { Directory } from '../ledger/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { DayPlan } from '../world/intent.ts';
import { ended, World } from '../world/world.ts';

/** What an activity is given by whoever runs it. */
export interface TwinPorts {
  ledger: Ledger;
  metrics: TwinMetrics;
  /** Subject of the bearer token: the actor of every command. */
  actorId: string;
  /** Waits before a request is repeated; tests need not. */
  wait?: (ms: number) => Promise<unknown>;
}

export interface TwinMetrics extends CourierMetrics {
  /** The simulated day has ended. Day 0 is the one before the first: the members have been seeded. */
  dayEnded(day: { day: number; date: string }): void;
}

/** Plans kept beside the newest: a retried activity asks for the day that others have finished with. */
const KEPT_PLANS = 2;

/**
 * What the activities of a run share. All of it can be rebuilt from the settings and the API, so an activity may run
 * in a process that has never seen the run.
 */
export class Session {
  readonly config: TwinConfig;
  readonly sender: Sender;
  readonly courier: Courier;
  readonly directory: Directory;
  readonly ports: TwinPorts;
  #world: World;
  readonly #plans = new Map<number, DayPlan>();
  /** The day after the newest one asked for, as far as it has been lived. */
  #ahead: Generator<void, DayPlan> | undefined;

  constructor(config: TwinConfig, ports: TwinPorts) {
    this.config = config;
    this.ports = ports;
    this.#world = new World(config);
    const { archetype } = this.#world;
    const { ledger, metrics, actorId, wait } = ports;
    const { tenantId, members } = config;
    this.sender = { config, actorId, timeZone: archetype.tenant.timeZone };
    this.courier = new Courier({ ledger, tenantId, metrics, ...(wait && { wait }) });
    this.directory = new Directory({ ledger, tenantId, archetype, members });
  }

  /** The world as it stands after the newest day asked for. */
  get world(): World {
    return this.#world;
  }

  /** The plan of a day; lives through the days before it where that has not been done here. */
  plan(day: number): DayPlan {
    const kept = this.#plans.get(day);
    if (kept) return kept;
    if (this.#ahead) {
      this.#keep(ended(this.#ahead));
      return this.plan(day);
    }
    if (day < this.#world.nextDay) this.#world = new World(this.config);
    while (this.#world.nextDay < day) this.#world.advance();
    return this.#keep(this.#world.advance());
  }

  /**
   * Lives the day after the newest one asked for, bit by bit, while the ledger has work: else it waits for the next day's plan.
   * Whoever asks for a plan meanwhile has it at once. One caller does it, the others need not wait.
   */
  async planAhead(): Promise<void> {
    if (this.#ahead || this.#world.nextDay >= this.config.days) return;
    const steps = this.#world.advancing();
    this.#ahead = steps;
    while (this.#ahead === steps) {
      const { done, value } = steps.next();
      if (done === true) this.#keep(value);
      else await comesRound();
    }
  }

  #keep(plan: DayPlan): DayPlan {
    this.#ahead = undefined;
    const { day } = plan;
    this.#plans.set(day, plan);
    for (const old of this.#plans.keys()) if (old < day - KEPT_PLANS || old > day) this.#plans.delete(old);
    return plan;
  }

  /** The world after its last day. */
  finalWorld(): World {
    this.plan(this.config.days - 1);
    return this.#world;
  }
}

const sessions = new Map<string, Session>();
const MOST_SESSIONS = 4;

/** The session of a run in this process; the workers of a run that meet here share it. */
export function sessionOf(config: TwinConfig, ports: TwinPorts): Session {
  const name = JSON.stringify(config);
  let session = sessions.get(name);
  if (!session || session.ports !== ports) {
    session = new Session(config, ports);
    for (const oldest of sessions.keys()) {
      if (sessions.size < MOST_SESSIONS) break;
      sessions.delete(oldest);
    }
    sessions.set(name, session);
  }
  return session;
}
