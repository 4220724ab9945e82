import { visible } from './text/visible.ts';

/** Whatever is written, data among it steers no terminal: only the styles below do. */
export interface Terminal {
  /** A line of the command's result, to stdout. */
  out: (line: string) => void;
  /** A line about progress or trouble, to stderr. */
  note: (line: string) => void;
  /** Replaces the last live line on stderr. Without a terminal there is none: use `note`. */
  live: (line: string) => void;
  /** Whether stderr is a terminal in which a line may be rewritten. */
  interactive: boolean;
  /** Colours for stdout and for stderr; they do nothing where colours are not wanted. */
  outStyle: Style;
  noteStyle: Style;
}

export interface Style {
  bold: (text: string) => string;
  dim: (text: string) => string;
  good: (text: string) => string;
  bad: (text: string) => string;
}

/** The part of a stream that is used here. */
export interface TerminalStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const CLEAR_LINE = '\r\u001b[2K';
const DEFAULT_COLUMNS = 80;

/**
 * Follows the conventions: results on stdout, the rest on stderr; nothing is rewritten where stderr is no terminal or in
 * CI; no colours with NO_COLOR, a dumb terminal or a pipe.
 */
export function createTerminal(options: {
  stdout: TerminalStream;
  stderr: TerminalStream;
  env: Readonly<Record<string, string | undefined>>;
}): Terminal {
  const { stdout, stderr, env } = options;
  const interactive = stderr.isTTY === true && !isSet(env['CI']) && env['TERM'] !== 'dumb';
  let liveLine = false;

  function clearLive(): void {
    if (liveLine) stderr.write(CLEAR_LINE);
    liveLine = false;
  }
  return {
    interactive,
    outStyle: createStyle(stdout, env),
    noteStyle: createStyle(stderr, env),
    out(line) {
      clearLive();
      stdout.write(`${shown(line)}\n`);
    },
    note(line) {
      clearLive();
      stderr.write(`${shown(line)}\n`);
    },
    live(line) {
      if (!interactive) return;
      // A line that wraps could not be rewritten.
      stderr.write(
        `${CLEAR_LINE}${visible(line)
          .replaceAll('\n', ' ')
          .slice(0, columnsOf(stderr) - 1)}`,
      );
      liveLine = true;
    },
  };
}

/** The codes that `createStyle` writes, between which everything else is made visible. */
// oxlint-disable-next-line no-control-regex -- the escape is what begins a code
const STYLE_CODES = /(\u001b\[(?:1|2|22|31|32|39)m)/;

function shown(text: string): string {
  return text
    .split(STYLE_CODES)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('');
}

/** Some pseudo-terminals tell 0 columns. */
function columnsOf({ columns = 0 }: TerminalStream): number {
  return columns > 0 ? columns : DEFAULT_COLUMNS;
}

function createStyle(stream: TerminalStream, env: Readonly<Record<string, string | undefined>>): Style {
  const wanted = stream.isTTY === true && !isSet(env['NO_COLOR']) && !isSet(env['CI']) && env['TERM'] !== 'dumb';
  const paint = (open: number, close: number) => (text: string) =>
    wanted ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), good: paint(32, 39), bad: paint(31, 39) };
}

/** NO_COLOR counts when present and not empty (no-color.org); CI when it says anything but no. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
