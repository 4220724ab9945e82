export interface Series {
  name: string;
  points: readonly Point[];
}

/** A measured value, and the least and the greatest of its samples. */
export interface Point {
  x: number;
  y: number;
  from: number;
  to: number;
}

const WIDTH = 640;
const HEIGHT = 280;
const LEFT = 80;
const RIGHT = 150;
const TOP = 24;
const BOTTOM = 48;
const COLOURS = ['#1f6feb', '#bf3989', '#1a7f37', '#9a6700'];
/** The highest is 1, 2, 2.5 or 5 times a power of ten: fifths of it are round. */
const TICKS = 5;
/** Half the width of the ends of a range. */
const RANGE_END = 4;

/**
 * Lines with the range of each point, as a picture that needs nothing else. Both axes begin at 0; the lower one is marked where
 * something was measured.
 */
export function linePlot(options: {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
}): string {
  const { title, xLabel, yLabel, series } = options;
  const points = series.flatMap((each) => each.points);
  const xs = [...new Set(points.map(({ x }) => x))];
  const farthest = Math.max(...xs, 1e-9);
  const highest = ceiling(Math.max(...points.map(({ to }) => to), 1e-9));
  const atX = (x: number): number => LEFT + (x / farthest) * (WIDTH - LEFT - RIGHT);
  const atY = (y: number): number => HEIGHT - BOTTOM - (y / highest) * (HEIGHT - TOP - BOTTOM);

  const parts: string[] = [];
  for (let tick = 0; tick <= TICKS; tick++) {
    const y = (highest * tick) / TICKS;
    parts.push(
      `<line x1="${LEFT}" y1="${round(atY(y))}" x2="${WIDTH - RIGHT}" y2="${round(atY(y))}" stroke="#d0d7de"/>`,
      text(short(y), { x: LEFT - 8, y: atY(y) + 4, anchor: 'end' }),
    );
  }
  for (const x of xs) parts.push(text(short(x), { x: atX(x), y: HEIGHT - BOTTOM + 18, anchor: 'middle' }));
  for (const [index, each] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    const path = each.points.map(({ x, y }) => `${round(atX(x))},${round(atY(y))}`).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const { x, y, from, to } of each.points) {
      const ends = [from, to]
        .map((end) => `M${round(atX(x) - RANGE_END)} ${round(atY(end))}h${2 * RANGE_END}`)
        .join('');
      parts.push(
        `<path d="M${round(atX(x))} ${round(atY(from))}V${round(atY(to))}${ends}" stroke="${colour}"/>`,
        `<circle cx="${round(atX(x))}" cy="${round(atY(y))}" r="3" fill="${colour}"/>`,
      );
    }
    parts.push(text(each.name, { x: WIDTH - RIGHT + 10, y: TOP + 14 + index * 18, anchor: 'start', colour }));
  }
  parts.push(
    text(xLabel, { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 8, anchor: 'middle' }),
    text(yLabel, { x: 8, y: TOP - 8, anchor: 'start' }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function text(
  content: string,
  at: { x: number; y: number; anchor: 'start' | 'middle' | 'end'; colour?: string },
): string {
  return `<text x="${round(at.x)}" y="${round(at.y)}" text-anchor="${at.anchor}" fill="${at.colour ?? '#57606a'}">${escaped(content)}</text>`;
}

/** The next of 1, 2, 2.5, 5, 10 … at or above a value. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function short(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
