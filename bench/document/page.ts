import type { Results } from '../support/results.ts';
import { PEERS, SUITE } from '../support/suite.ts';
import { awsSection } from './aws.ts';
import { costSection } from './cost.ts';
import { growthSection } from './growth.ts';
import { limitSection } from './limit.ts';
import { peersSection } from './peers.ts';
import { commitText, methodSection, targetsSection } from './targets.ts';

/** @returns the benchmarks that were not run */
export function missingIn({ benches }: Results): string[] {
  return [...SUITE, PEERS].filter((name) => !benches.some((bench) => bench.name === name));
}

/**
 * The page docs/performance.md of some results; what was not measured is named, and left out.
 * @param options.idleDollars an idle month, in US dollars
 */
export function performancePage(results: Results, options: { plotFolder: string; idleDollars: number }): string {
  const { machine, commit, at, benches, remarks = [] } = results;
  const bench = (name: string) => results.benches.find((each) => each.name === name);
  const missing = missingIn(results);
  const sections = [
    '<!-- Made by `npx node bench/document.ts` from a file in bench/results. Do not edit: measure anew. -->',
    '# Performance',
    `Measured on ${at.slice(0, 10)} at commit ${commitText(commit)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${machine.platform}, stores on ${machine.disk}.
${laterText(benches)}Times depend on the machine and on what else it does. So do ratios to other stores, of which some wait for the disk and some for the
processor, and a little the units of an entry, which shares rows with the others of its second. \`npm run bench\` measures anew.`,
    ...(remarks.length > 0 ? [`**Found out since:** ${remarks.join(' ')}`] : []),
    ...(missing.length > 0 ? [`Not measured at this commit, and so not below: ${missing.join(', ')}.`] : []),
    ...targetsSection(results),
    ...peersSection(bench('peers')),
    ...costSection(bench('cost'), options.idleDollars),
    ...growthSection(bench('growth'), options.plotFolder),
    ...limitSection(results),
    ...awsSection(results),
    ...methodSection(results),
    `## Kept measured
\`bench/regression\` runs in the gate: it compares bytes stored, write units, engine calls and shared commits of a command with a budget in the
repository, and its CPU time with that of a fixed calibration which runs in turns with it, so that the machine's speed falls out.
\`npx node bench/regression/main.ts --update\` agrees on the budget anew.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Which benchmarks are of later sources. */
function laterText(benches: Results['benches']): string {
  const later = Map.groupBy(benches, ({ commit }) => commit);
  later.delete(undefined);
  return [...later]
    .map(
      ([commit = '', of]) =>
        `Measured since, on the same machine at commit ${commitText(commit)}: ${of.map(({ name }) => name).join(', ')}.\n`,
    )
    .join('');
}
