import type { Command } from '../command.ts';

interface CommandEntry {
  description: string;
  /** Imports the command only when it is wanted: `turing --help` answers in a tenth of a second. */
  load: () => Promise<Command>;
}

export const COMMANDS = {
  demo: {
    description: 'Runs a synthetic credit union through a month, checks the books and prints a report',
    load: async () => (await import('./demo.ts')).demo,
  },
  up: {
    description: 'Starts the local cloud alone and keeps its data',
    load: async () => (await import('./up.ts')).up,
  },
  token: {
    description: 'Prints a bearer token for the API of the running cloud',
    load: async () => (await import('./token.ts')).token,
  },
  audit: {
    description: 'Recomputes everything from the journal and compares every row of the views',
    load: async () => (await import('./audit.ts')).audit,
  },
  verify: {
    description: 'Checks an export or an account’s proof by itself, without a cloud',
    load: async () => (await import('./verify.ts')).verify,
  },
  export: {
    description: 'Exports a tenant’s history with its signed digests, for anybody to verify',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  proof: {
    description: 'Proves the balance of one account on a day, without showing anybody else',
    load: async () => (await import('./proof.ts')).proof,
  },
  tamper: {
    description: 'Shows on copies of an export that each way to change it is caught',
    load: async () => (await import('./tamper.ts')).tamper,
  },
  'rebuild-views': {
    description: 'Makes the views anew from the journal, while commands keep arriving',
    load: async () => (await import('./rebuild-views.ts')).rebuildViews,
  },
  doctor: {
    description: 'Checks this machine, and says how to fix what is missing',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  openapi: {
    description: 'Prints the description of the API (OpenAPI 3.0)',
    load: async () => (await import('./openapi.ts')).openapi,
  },
} satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
