import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, constants, gzipSync } from 'node:zlib';
import { ASSETS, type AssetName } from './asset-names.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

export interface Asset {
  contentType: string;
  /** Strong and of the content, so one for each encoding. */
  etag(encoding: Encoding): string;
  /** The content in this encoding, as base64: made once and kept. */
  base64(encoding: Encoding): string;
}

/** Reads the compressed files that `buildDocsAssets` wrote; each is read when it is first asked for. */
export function loadAssets(directory: string): (name: string) => Asset | undefined {
  const loaded = new Map<string, Asset>();
  return (name) => {
    const known = ASSETS.find((asset) => asset.name === name);
    if (known === undefined) return undefined;
    const asset = loaded.get(name) ?? loadAsset(directory, known.name, known.contentType);
    loaded.set(name, asset);
    return asset;
  };
}

function loadAsset(directory: string, name: AssetName, contentType: string): Asset {
  const brotli = readFileSync(join(directory, `${name}.br`));
  const digest = createHash('sha256').update(brotli).digest('base64url').slice(0, 22);
  const bodies = new Map<Encoding, string>();
  return {
    contentType,
    etag: (encoding) => `"${digest}-${encoding}"`,
    base64(encoding) {
      const body = bodies.get(encoding) ?? encode(brotli, encoding).toString('base64');
      bodies.set(encoding, body);
      return body;
    },
  };
}

function encode(brotli: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'br') return brotli;
  const content = brotliDecompressSync(brotli);
  return encoding === 'gzip' ? gzipSync(content, { level: constants.Z_BEST_SPEED + 5 }) : content;
}
