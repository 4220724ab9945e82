/** A data folder that must not be used as it is. The message names the file and says what to do. */
export class StoreError extends Error {
  readonly code: 'STORE_DAMAGED' | 'STORE_OF_OTHER_VERSION' | 'STORE_NOT_WRITABLE';

  constructor(code: StoreError['code'], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** @param finding what is wrong with the file, as a clause: `it ends after 4,096 bytes` */
export function damaged(path: string, finding: string): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    `The store is damaged: "${path}": ${finding}. Nothing was changed. Put the folder back from a copy, or use another one`,
  );
}

/** Faults of the file system that are no defect of ours, in words. */
const FILE_SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full. Free space on it',
  EDQUOT: 'the quota of this user is used up. Free space',
  EROFS: 'its file system is read-only. Make it writable',
  EACCES: 'this user may not write there. Make it writable',
  EPERM: 'this user may not write there. Make it writable',
  ENOTDIR: 'it is no folder, or lies in none',
  EEXIST: 'it is no folder',
  EIO: 'its disk fails',
};

/** Performs the first writes into a data folder. @throws StoreError where the file system does not let them be */
export function writingTo<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const words = FILE_SYSTEM[code];
    if (words === undefined) throw cause;
    const message = `Cannot write to the data folder "${folder}": ${words}, or choose another folder (${code})`;
    throw new StoreError('STORE_NOT_WRITABLE', message, { cause });
  }
}
