/** A table of Markdown. Columns that hold numbers stand on the right. */
export function markdownTable(
  columns: readonly { title: string; align?: 'right' }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    line(columns.map(({ title }) => title)),
    `|${columns.map(({ align }) => (align === 'right' ? ' --: ' : ' --- ')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
