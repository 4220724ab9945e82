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

/** A fault of the file system that is no defect of ours. */
interface FileSystemFault {
  /** As a clause: `its disk is full`. */
  finding: string;
  /** What to do with the folder, which is named by what is given: `Free space on it`. */
  remedy?: (folder: string) => string;
}

const makeWritable = (folder: string): string => `Make ${folder} writable for this user`;
const FILE_SYSTEM: Readonly<Record<string, FileSystemFault>> = {
  ENOSPC: { finding: 'its disk is full', remedy: (folder) => `Free space on ${folder}` },
  EDQUOT: { finding: 'the quota of this user is used up', remedy: (folder) => `Free space on ${folder}` },
  // No permission that somebody could give helps here.
  EROFS: { finding: 'its file system is read-only', remedy: (folder) => `Mount ${folder} for writing` },
  EACCES: { finding: 'this user may not write there', remedy: makeWritable },
  EPERM: { finding: 'this user may not write there', remedy: makeWritable },
  ENOTDIR: { finding: 'it is no folder, or lies in none' },
  EEXIST: { finding: 'it is no folder' },
  EIO: { finding: 'its disk fails' },
};

/** @returns what the code of an error says of a folder that could not be written; undefined for those that may be defects of ours */
export function fileSystemFault(code: string): FileSystemFault | undefined {
  return FILE_SYSTEM[code];
}

/** Performs the first writes into a data folder. @throws StoreError where the file system does not let them be */
export function writingTo<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const fault = fileSystemFault(code);
    if (fault === undefined) throw cause;
    const fix =
      fault.remedy === undefined ? 'Choose another folder' : `${fault.remedy('it')}, or choose another folder`;
    const message = `Cannot write to the data folder "${folder}": ${fault.finding}. ${fix} (${code})`;
    throw new StoreError('STORE_NOT_WRITABLE', message, { cause });
  }
}
