/** @returns the text, cut to so many UTF-16 units and an ellipsis where it is longer; no character is cut in half */
export function shortened(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.codePointAt(maxLength - 1) ?? 0;
  return `${text.slice(0, last > 0xffff ? maxLength - 1 : maxLength)}…`;
}
