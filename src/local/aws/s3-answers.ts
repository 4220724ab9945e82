import { createHash } from 'node:crypto';
import type { ServiceAnswer } from './endpoint.ts';

// What S3 answers: XML, also for what is refused.

export function notEmulated(): ServiceAnswer {
  return fault(501, 'NotImplemented', 'The local cloud does not emulate this operation');
}

export function fault(status: number, code: string, message: string): ServiceAnswer {
  return xml(status, element('Error', [element('Code', code), element('Message', escaped(message))]));
}

export function xml(status: number, body: string): ServiceAnswer {
  const text = body === '' ? '' : `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
  return { status, contentType: 'application/xml', body: text };
}

export function element(name: string, content: string | string[]): string {
  return `<${name}>${[content].flat().join('')}</${name}>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function etagOf(content: Uint8Array): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}
