/** A lock for one chain: who asks first gets it first. */
export class Lock {
  #tail: Promise<void> = Promise.resolve();

  /** @returns a function that releases the lock, once it is held */
  async acquire(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#tail;
    this.#tail = promise;
    await before;
    return resolve;
  }
}
