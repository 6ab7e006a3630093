// Times in words, as app/i18n.py writes them: the same CLDR, by way of the browser's own Intl.
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
// A unit, how long it is, and from when on it is used.
const UNITS = [
  ["year", 365 * DAY_MS, 365 * DAY_MS], ["week", 7 * DAY_MS, 14 * DAY_MS], ["day", DAY_MS, DAY_MS],
  ["hour", DAY_MS / 24, DAY_MS / 24], ["minute", MINUTE_MS, 0],
];

const RING_ROOM = 7; // characters

/** A sentence with its {holes} filled. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

/** Words for instants (in milliseconds) as a person of a `locale` who lives in `timeZone` says them at `now`. */
export function timesIn(locale, timeZone, words, now) {
  const [language] = locale.split("-");
  const dates = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const clock = dates({ timeStyle: "short" });
  const calendar = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "numeric", day: "numeric" });
  const short = language === "ja";

  /** The day of the user's calendar as the number of days since 1970. */
  const dayNumber = (at) => {
    const parts = Object.fromEntries(calendar.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day) / DAY_MS;
  };
  const yearOf = (at) => new Date(dayNumber(at) * DAY_MS).getUTCFullYear();
  const daysAhead = (at) => dayNumber(at) - dayNumber(now);

  /** The first of a month is an ordinal in French. */
  const ordinal = (text) => language === "fr" ? text.replace(/\b1\b/, "1er") : text;

  const begun = (text) => text[0].toUpperCase() + text.slice(1); // French writes days small

  const shortDay = (at) => dates({
    month: "short", day: "numeric", ...(yearOf(at) === yearOf(now) ? { weekday: "short" } : { year: "numeric" }),
  }).format(at);

  /** The day at the head of a line. */
  const day = (at) => {
    const named = { "0": words.today, "1": words.tomorrow, "-1": words.yesterday }[daysAhead(at)];
    return named ?? begun(ordinal(shortDay(at)));
  };

  /** The day inside a line: short, except in French, which has no abbreviations in a sentence. */
  const dayInLine = (at) => language === "fr"
    ? ordinal(dates({
      weekday: "long", month: "long", day: "numeric", ...(yearOf(at) === yearOf(now) ? {} : { year: "numeric" }),
    }).format(at))
    : shortDay(at);

  /** The time inside a line: "5 PM", "17:00", « 17 h ». */
  const hour = (at) => {
    const said = clock.format(at);
    if (language === "fr") {
      const [hours, minutes] = said.split(":");
      return `${Number(hours)}\u00a0h${minutes === "00" ? "" : `\u00a0${minutes}`}`;
    }
    return said.endsWith(":00") ? said : said.replace(":00", "");
  };

  /** By the clock within a day, then by days of the calendar. */
  const until = (at) => (Math.abs(at - now) < DAY_MS ? at - now : daysAhead(at) * DAY_MS);

  const counted = (unit, count, unitDisplay) => {
    const text = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay }).format(count);
    return language === "ja" ? text.replace(/(\d) (?=\D)/, "$1") : text;
  };

  const largest = (milliseconds) => {
    const length = Math.abs(milliseconds);
    const [unit, size] = UNITS.find(([, , least]) => length >= least);
    return [unit, Math.floor(length / size)];
  };

  const duration = (milliseconds) => {
    const [unit, count] = largest(milliseconds);
    return count ? counted(unit, count, "long") : words.moment;
  };

  /** In a few characters. Narrow forms are Latin letters in Japanese, and English minutes would read as months. */
  const shortDuration = (milliseconds) => {
    const [unit, count] = largest(milliseconds);
    const usual = counted(unit, count || 1, "short");
    const isNarrow = usual.length > RING_ROOM || (language === "en" && unit !== "minute");
    const text = isNarrow ? counted(unit, count || 1, "narrow") : usual;
    return count ? text : `<${text}`;
  };

  return {
    day,
    /** The whole day in words, without the year. */
    today: () => {
      const width = short ? "short" : "long";
      return begun(ordinal(dates({ weekday: width, month: width, day: "numeric" }).format(now)));
    },
    when: (at) => {
      const pattern = { "0": "{time}", "1": words.tomorrowAt, "-1": words.yesterdayAt }[daysAhead(at)] ?? words.dayAt;
      return fill(pattern, { day: dayInLine(at), time: hour(at) });
    },
    left: (at) => fill(at < now ? words.overdue : words.left, { duration: duration(until(at)) }),
    shortLeft: (at) => shortDuration(until(at)),
  };
}
