/** The benchmarks in the order in which they run: first what needs the machine to itself. */
export const SUITE = [
  'write-path',
  'verification',
  'end-to-end',
  'single-commands',
  'cost',
  'cold-start',
  'growth',
  'demo',
];
/** Run when it is asked for: it installs other stores. */
export const PEERS = 'peers';
