export interface Column {
  title: string;
  /** Numbers stand on the right. Default: left. */
  align?: 'left' | 'right';
}

const GAP = '  ';

/**
 * Lays rows out in columns of equal width.
 * @returns lines without trailing spaces: the titles, unless all are empty, then the rows
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = '  '): string[] {
  const titles = columns.map(({ title }) => title);
  const all = titles.some((title) => title !== '') ? [titles, ...rows] : rows;
  const widths = columns.map((_, index) => Math.max(0, ...all.map((row) => width(row[index] ?? ''))));
  return all.map((row) => {
    const cells = columns.map(({ align }, index) => pad(row[index] ?? '', widths[index] ?? 0, align));
    return `${indent}${cells.join(GAP)}`.trimEnd();
  });
}

function pad(cell: string, columns: number, align: Column['align']): string {
  const filler = ' '.repeat(Math.max(0, columns - width(cell)));
  return align === 'right' ? filler + cell : cell + filler;
}

/** Characters as a terminal counts them, for the letters that appear here. */
function width(text: string): number {
  return Array.from(text).length;
}
