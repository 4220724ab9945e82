/**
 * What steers who shows a text: control characters, which colour, clear and title a terminal and overwrite its lines, and the
 * bidirectional controls, which show a text in another order than it stands. Tabs and line feeds only place it.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what this finds
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Shows what steers as `\u001b`, as JSON writes it: so a document of JSON stays the same document. */
export function visible(text: string): string {
  return text.replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
