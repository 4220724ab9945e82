import { describe, expect, test } from 'vitest';
import type { GrowthDetails, PeerRow } from '../support/bench.ts';
import { resultOf, type BenchResult, type Results } from '../support/results.ts';
import { growthPlots } from './growth.ts';
import { markdownTable } from './markdown.ts';
import { performancePage } from './page.ts';
import { linePlot } from './plot.ts';

const machine = { cpu: 'A CPU', cores: 2, memoryGb: 8, node: '24', platform: 'linux x64', disk: 'ext4' };
const ran = { title: 'Title', full: false, seconds: 1, loadAverage: { before: 0, after: 1 } };
const page = (benches: BenchResult[], remarks?: string[]): string => {
  const results: Results = {
    at: '2026-11-21T00:00:00Z',
    commit: 'abc+',
    machine,
    benches,
    ...(remarks && { remarks }),
  };
  return performancePage(results, { plotFolder: 'plots', idleDollars: 12.34 });
};
const benchOf = (name: string, outcome: Parameters<typeof resultOf>[1]): BenchResult =>
  resultOf({ ...ran, name }, outcome);

const figure = { name: 'rate', unit: '1/s', samples: [5, 6, 7], method: 'Counted', target: { atLeast: 10, goal: 20 } };
const growth: GrowthDetails = {
  throughput: [
    { events: 50_000, commandsPerSecond: [15_000, 14_500, 16_000] },
    { events: 5_000_000, commandsPerSecond: [14_000] },
  ],
  lists: [],
  replicas: [],
};
const peers: PeerRow[] = [
  { peer: 'A store', setting: 'version 1', concurrency: 16, batch: 1, postingsPerSecond: 5_000, p99Ms: 4 },
  { peer: 'A store', setting: 'version 1', concurrency: 64, batch: 1, postingsPerSecond: 6_000, p99Ms: 9 },
  { peer: 'Another', setting: 'version 2', concurrency: 1, batch: 50, error: 'it | cannot be installed' },
];

describe('the page', () => {
  test('has no section for what was not measured', () => {
    const headings = [...page([]).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Figures and targets', 'What the limit is', 'Method', 'Kept measured']);
  });

  test('says first what was found out about its figures since', () => {
    expect(page([], ['One is wrong.', 'It is 2.'])).toMatch(
      /anew\.\n\n\*\*Found out since:\*\* One is wrong\. It is 2\.\n\n/,
    );
    expect(page([])).not.toContain('Found out since');
  });

  test('says which benchmarks were measured on later sources', () => {
    const later = { ...benchOf('growth', { figures: [figure] }), commit: 'def' };
    const text = page([benchOf('write-path', { figures: [figure] }), later]);
    expect(text).toContain('at commit def: growth.');
    expect(text).toContain('**growth**: Title. Short form, at commit def, load');
    expect(text).toContain('**write-path**: Title. Short form, load');
  });

  test('names goals that are not reached beside targets that are', () => {
    const met = { ...figure, samples: [15] };
    expect(page([benchOf('write-path', { figures: [met] })])).toContain(
      '1 of 1 targets are met.\n\nMet, but not the goal beyond it:\n\n- rate: 15 1/s, ≥ 10, goal 20\n',
    );
    expect(page([benchOf('write-path', { figures: [{ ...figure, samples: [20] }] })])).not.toContain('goal beyond');
  });

  test('says what is not met, and how it was measured', () => {
    const text = page([benchOf('write-path', { figures: [figure] })]);
    expect(text).toContain('| rate | 6 | 5 to 7 | 3 | 1/s | ≥ 10, goal 20 | **not met** |');
    expect(text).toContain('- rate: Counted.');
    expect(text).toContain('at commit abc, with changes: A CPU, 2 cores');
    expect(text).not.toMatch(/undefined|NaN/);
  });

  test('says what the write path would cost if nothing were decided', () => {
    const platform = [20, 10, 30].map((parse) => ({ parse, serialise: 4, hash: 3, pack: 2, reply: 1 }));
    const details = { 'all-chains': { shares: { deciding: 0.25 }, perCommand: {}, platform } };
    const text = page([benchOf('write-path', { figures: [figure], details })]);
    expect(text).toContain('| request parsed | 20 |');
    expect(text).toContain('| **all**, 33,333 entries a second | **30** |');
  });

  test('says which threads a single command takes, what runs at times among them', () => {
    const round = (command: number, sweep: number) => ({
      accepted: 1_000,
      cpuMicrosPerCommand: (command + sweep) * 1_000,
      cpuSeconds: { 'main/Comm…': command, 'main/Swee…': sweep },
    });
    const details = { steady: [], steps: [], inFlight: [round(0.2, 0), round(0.3, 0), round(0.4, 0.3)] };
    const text = page([benchOf('single-commands', { figures: [figure], details })]);
    expect(text).toContain(
      '| command function: reading, validation, decision, hash chain, compression, calls of the journal | 300 | 75 % |',
    );
    expect(text).toContain('| digest and sweep functions, every five minutes | 100 | 25 % |');
    expect(text).toContain('| **all** | **400** |  |');
  });

  test('names a store that could not be measured, with its error', () => {
    const text = page([benchOf('peers', { figures: [], details: peers })]);
    expect(text).toContain('| store | 16 in flight | 64 in flight |');
    expect(text).toContain('| A store | 5,000 (4 ms) | 6,000 (9 ms) |');
    expect(text).toContain('no figure: it \\| cannot be installed');
    expect(text).toContain('- **Another**: version 2.');
    expect(text).not.toContain('falls short');
  });

  test('says where ours falls short of another store, and why', () => {
    const ratio = (name: string, samples: number[], target?: { atLeast: number }) => ({
      name: `TuringCore over HTTP to ${name}`,
      unit: '×',
      samples,
      method: 'Counted',
      ...(target && { target }),
    });
    const figures = [
      ratio('PostgreSQL, best one by one', [0.7, 0.8, 0.9], { atLeast: 2 }),
      ratio('PostgreSQL, 50 a transaction', [1.5], { atLeast: 1 }),
      ratio('castore', [0.9]),
    ];
    const text = page([benchOf('peers', { figures, details: peers })]);
    expect(text).toContain(
      '| TuringCore over HTTP to PostgreSQL, best one by one | 0.8 | 0.7 to 0.9 | ≥ 2 | **not met** |',
    );
    expect(text).toContain('1 of 2 targets are met. Not met:\n\n- TuringCore over HTTP to PostgreSQL, best one by one');
    expect(text).toMatch(/- \*\*PostgreSQL, best one by one\*\*: .*prepared statement/);
    expect(text).toContain('- **castore**: It waits');
    expect(text).not.toContain('- **PostgreSQL, 50 a transaction**: A batch');
  });

  test('says which benchmark gave no figures', () => {
    expect(page([benchOf('demo', { error: 'it fell over' })])).toContain('`demo` gave no figures: it fell over');
  });

  test('shows the plots that there are', () => {
    const bench = benchOf('growth', { figures: [], details: growth });
    expect(Object.keys(growthPlots(bench))).toEqual(['growth-throughput.svg']);
    expect(page([bench])).toContain('(plots/growth-throughput.svg)');
    // 14,500 to 16,000 with the median 15,000 between them, of 20,000 in all.
    const svg = growthPlots(bench)['growth-throughput.svg'];
    expect(svg).toContain('<circle cx="84.1" cy="76"');
    expect(svg).toMatch(/d="M84\.1 81\.2V65\.6M/);
  });
});

test('a plot is one picture with a point for each value, within its frame, and the range of its samples', () => {
  const svg = linePlot({
    title: 'a < b',
    xLabel: 'x',
    yLabel: 'y',
    series: [
      {
        name: 'one',
        points: [
          { x: 0, y: 0, from: 0, to: 0 },
          { x: 1_000, y: 80, from: 40, to: 100 },
          { x: 2_000, y: 40, from: 30, to: 50 },
        ],
      },
    ],
  });
  expect(svg).toContain('<title>a &lt; b</title>');
  const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
  expect(places).toEqual([
    [80, 232],
    [285, 65.6],
    [490, 148.8],
  ]);
  expect(svg).toContain('d="M285 148.8V24M281 148.8h8M281 24h8"');
});

test('a cell cannot break its table', () => {
  expect(markdownTable([{ title: 'a' }, { title: 'b', align: 'right' }], [['x|y', '1\n2']])).toBe(
    '| a | b |\n| --- | --: |\n| x\\|y | 1 2 |',
  );
});
