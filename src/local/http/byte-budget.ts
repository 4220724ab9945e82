/** One request's part of the bytes that all requests together may hold. */
export interface ByteShare {
  /** @returns false, and takes nothing, when there is no room */
  take(bytes: number): boolean;
  /** Gives all of it back. */
  release(): void;
}

/** @returns what opens a share of `totalBytes` for a request */
export function createByteBudget(totalBytes: number): () => ByteShare {
  let used = 0;
  return () => {
    let taken = 0;
    return {
      take(bytes) {
        if (used + bytes > totalBytes) return false;
        used += bytes;
        taken += bytes;
        return true;
      },
      release() {
        used -= taken;
        taken = 0;
      },
    };
  };
}
