/** Whom the commands of the benchmarks name as their actor, and their tokens as the subject. */
export const ACTOR = 'BENCH';
