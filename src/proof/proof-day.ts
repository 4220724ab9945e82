/** The days that the proof of an account can speak for, each as `YYYY-MM-DD`. */
export interface ProvedDays {
  /** That on which the account was opened (UTC), or its first value date where that is earlier. */
  firstDay: string;
  /** The newest value date of an event of it, or the day of its opening. */
  lastEventDay: string;
  /** That on which the last digest was made (UTC), or the newest value date where that is later: a twin may live ahead of the clock. */
  lastDay: string;
}

/** Collects the days from an account's events. */
export class AccountDays {
  #first: string | undefined;
  #last = '';

  /** @param day `YYYY-MM-DD`, or an ISO 8601 timestamp, of which the day counts */
  add(day: string): void {
    const date = day.slice(0, 'YYYY-MM-DD'.length);
    if (this.#first === undefined || date < this.#first) this.#first = date;
    if (date > this.#last) this.#last = date;
  }

  /** @param signedAt time of the last digest, ISO 8601 UTC */
  until(signedAt: string): ProvedDays {
    const lastEventDay = this.#last;
    const signed = signedAt.slice(0, 'YYYY-MM-DD'.length);
    return { firstDay: this.#first ?? '', lastEventDay, lastDay: lastEventDay > signed ? lastEventDay : signed };
  }
}

/** @returns why a proof cannot tell the balance at the end of a day */
export function faultOfDay(at: string, { firstDay, lastEventDay, lastDay }: ProvedDays): string | undefined {
  if (at < firstDay) return `The account was opened on ${firstDay}: there is no balance at the end of ${at}`;
  if (at <= lastDay) return undefined;
  const why =
    lastDay > lastEventDay ? 'of the last digest that covers an event of the account' : 'of its last value date';
  return `It cannot speak for ${at}: the last possible day is ${lastDay}, that ${why}`;
}

/** @returns whether the text is a day that there is, as `YYYY-MM-DD` */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00.000Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
