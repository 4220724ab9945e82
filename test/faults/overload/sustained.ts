/** The most that a closed loop gets done. */
export interface Sustained {
  perSecond: number;
  /** How many clients that took, each sending when its last request was answered. */
  clients: number;
}

const WARM_UP_CLIENTS = 16;
const WARM_UPS_MOST = 6;
const FIRST_CLIENTS = 8;
const MOST_CLIENTS = 512;
/** What gains less than this gains nothing. */
const WORTH_IT = 1.05;
/** One step without gain may be somebody else's turn on the machine. */
const STEPS_WITHOUT_GAIN = 2;

/**
 * Finds how much a local cloud gets done for good: warms it up until that makes it no faster, then doubles the clients until they
 * get no more done.
 * @param measure lets so many clients send in a closed loop for a while, and gives the commands done in a second
 */
export async function findSustained(
  measure: (clients: number) => Promise<number>,
  told: (line: string) => void,
): Promise<Sustained> {
  let warm = 0;
  for (let warmUp = 0; warmUp < WARM_UPS_MOST; warmUp += 1) {
    const perSecond = await measure(WARM_UP_CLIENTS);
    told(`warming up            ${Math.round(perSecond)} commands/s`);
    const isWarm = perSecond < warm * WORTH_IT;
    warm = Math.max(warm, perSecond);
    if (isWarm) break;
  }
  const found = { perSecond: 0, clients: 0 };
  let withoutGain = 0;
  for (let clients = FIRST_CLIENTS; clients <= MOST_CLIENTS && withoutGain < STEPS_WITHOUT_GAIN; clients *= 2) {
    const perSecond = await measure(clients);
    told(`${String(clients).padStart(3)} clients           ${Math.round(perSecond)} commands/s`);
    withoutGain = perSecond < found.perSecond * WORTH_IT ? withoutGain + 1 : 0;
    if (perSecond > found.perSecond) Object.assign(found, { perSecond, clients });
  }
  return found;
}
