import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a local cloud itself puts into its data folder. */
const ourFiles =
  /^((cloud|store)\.json|cloud\.lock|engine\.pid|dynamodb\.sqlite(-wal|-shm|-journal)?|identity-key\.pem|secrets\.json|local-secret)$/;
const ourFolders = /^(logs|dead-letters|kms|buckets)$/;

/**
 * Closes a data folder to other users of the machine, and what an earlier local cloud left open in it. A folder that
 * holds other things too keeps its own mode, since others may use these: there only our files are closed.
 */
export function keepToOwner(folder: string): void {
  let isOurs = true;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile() && ourFiles.test(entry.name)) chmodSync(path, 0o600);
    else if (entry.isDirectory() && ourFolders.test(entry.name)) chmodSync(path, 0o700);
    else isOurs = false;
  }
  if (isOurs) chmodSync(folder, 0o700);
}
