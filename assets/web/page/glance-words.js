// Times in words, as app/i18n.py writes them: the same CLDR, by way of the browser's own Intl.
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const RING_ROOM = 7; // characters
/** @type {[unit: string, size: number, least: number]} */
const SMALLEST = ["minute", MINUTE_MS, 0];
// A unit, how long it is, and from when on it is used.
/** @type {[unit: string, size: number, least: number][]} */
const UNITS = [
  ["year", 365 * DAY_MS, 365 * DAY_MS], ["week", 7 * DAY_MS, 100 * DAY_MS], ["day", DAY_MS, DAY_MS],
  ["hour", DAY_MS / 24, DAY_MS / 24], SMALLEST,
];

/**
 * A sentence with its {holes} filled.
 * @param {string} sentence
 * @param {Record<string, string>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (hole, /** @type {string} */ name) => values[name] ?? hole);
}

/** @param {string} text */
const begun = (text) => text[0].toUpperCase() + text.slice(1); // French writes days small

/**
 * The largest unit that fits a length of time, and how many of it.
 * @param {number} milliseconds
 * @returns {[unit: string, count: number]}
 */
function largest(milliseconds) {
  const length = Math.abs(milliseconds);
  const [unit, size] = UNITS.find(([, , least]) => length >= least) ?? SMALLEST;
  return [unit, Math.floor(length / size)];
}

/**
 * Words for instants (in milliseconds since 1970) as a person of a `locale` who lives in `timeZone` says them at `now`.
 * @param {string} locale
 * @param {string} timeZone
 * @param {Record<string, string>} words the sentences of app/ui/glance.py
 * @param {number} now
 */
export function timesIn(locale, timeZone, words, now) {
  const [language] = locale.split("-");
  /** @param {Intl.DateTimeFormatOptions} options */
  const dates = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const clock = dates({ timeStyle: "short" });
  const calendar = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "numeric", day: "numeric" });
  const short = language === "ja";

  /**
   * The day of the user's calendar as the number of days since 1970.
   * @param {number} at
   */
  const dayNumber = (at) => {
    const parts = Object.fromEntries(calendar.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day) / DAY_MS;
  };
  /** @param {number} at */
  const yearOf = (at) => new Date(dayNumber(at) * DAY_MS).getUTCFullYear();
  /** @param {number} at */
  const daysAhead = (at) => dayNumber(at) - dayNumber(now);

  /**
   * The first of a month is an ordinal in French.
   * @param {string} text
   */
  const ordinal = (text) => language === "fr" ? text.replace(/\b1\b/, "1er") : text;

  /** @param {number} at */
  const shortDay = (at) => dates({
    weekday: "short", month: "short", day: "numeric", ...(yearOf(at) === yearOf(now) ? {} : { year: "numeric" }),
  }).format(at);

  /**
   * The day at the head of a line.
   * @param {number} at
   */
  const day = (at) => {
    const named = { "0": words.today, "1": words.tomorrow, "-1": words.yesterday }[daysAhead(at)];
    return named ?? begun(ordinal(shortDay(at)));
  };

  /**
   * The day inside a line: short, except in French, which has no abbreviations in a sentence.
   * @param {number} at
   */
  const dayInLine = (at) => language === "fr"
    ? ordinal(dates({
      weekday: "long", month: "long", day: "numeric", ...(yearOf(at) === yearOf(now) ? {} : { year: "numeric" }),
    }).format(at))
    : shortDay(at);

  /**
   * The time inside a line: "5 PM", "17:00", « 17 h ».
   * @param {number} at
   */
  const hour = (at) => {
    const said = clock.format(at);
    if (language === "fr") {
      const [hours, minutes] = said.split(":");
      return `${Number(hours)}\u00a0h${minutes === "00" ? "" : `\u00a0${minutes}`}`;
    }
    return said.endsWith(":00") ? said : said.replace(":00", "");
  };

  /**
   * By the clock within a day, then by days of the calendar.
   * @param {number} at
   */
  const until = (at) => (Math.abs(at - now) < DAY_MS ? at - now : daysAhead(at) * DAY_MS);

  /**
   * @param {string} unit
   * @param {number} count
   * @param {"long" | "short" | "narrow"} unitDisplay
   */
  const counted = (unit, count, unitDisplay) => {
    const text = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay }).format(count);
    return language === "ja" ? text.replace(/(\d) (?=\D)/, "$1") : text;
  };

  /** @param {number} milliseconds */
  const duration = (milliseconds) => {
    const [unit, count] = largest(milliseconds);
    return count ? counted(unit, count, "long") : words.moment;
  };

  /**
   * In a few characters. Narrow forms are Latin letters in Japanese, and English minutes would read as months.
   * @param {number} milliseconds
   */
  const shortDuration = (milliseconds) => {
    const [unit, count] = largest(milliseconds);
    const usual = counted(unit, count || 1, "short");
    const isNarrow = usual.length > RING_ROOM || (language === "en" && unit !== "minute");
    const text = isNarrow ? counted(unit, count || 1, "narrow") : usual;
    return count ? text : `<${text}`;
  };

  return {
    day,
    /**
     * The day in words, without the year; short where there is little room.
     * @param {boolean} [narrow]
     */
    today: (narrow) => {
      const width = short || narrow ? "short" : "long";
      return begun(ordinal(dates({ weekday: width, month: width, day: "numeric" }).format(now)));
    },
    when: (/** @type {number} */ at) => {
      const pattern = { "0": "{time}", "1": words.tomorrowAt, "-1": words.yesterdayAt }[daysAhead(at)] ?? words.dayAt;
      return fill(pattern, { day: dayInLine(at), time: hour(at) });
    },
    /**
     * The day inside a sentence, as short as in a list.
     * @param {number} at
     */
    dayWithin: (at) => {
      const named = { "0": words.todayWithin, "1": words.tomorrowWithin, "-1": words.yesterdayWithin }[daysAhead(at)];
      return named ?? fill(words.dayWithin, { day: dayInLine(at) });
    },
    left: (/** @type {number} */ at) => fill(at < now ? words.overdue : words.left, { duration: duration(until(at)) }),
    shortLeft: (/** @type {number} */ at) => shortDuration(until(at)),
  };
}
