// What app/ui/glance.py leaves for assets/web/page/glance.js. Times are milliseconds since 1970.

type GlanceWords = Record<string, string>;

type Times = ReturnType<typeof import("../../../assets/web/page/glance-words.js").timesIn>;

interface GlanceCard {
  address: string;
  label: string;
  title: string;
  text: string;
}

/** How a row looks from `since` on. */
interface GlanceLook {
  since: number;
  kind: string;
  task: string;
  what: string;
  by: string;
  due: number;
  /** The time that is said, which is the day it began for what only waits. */
  told: number;
  state: string;
  severity: number;
  /** What is left of its time at `since`, from 0 to 1. */
  share: number;
  snoozed: boolean;
  ring: boolean;
}

/** The line of a conversation's channel: its icon, in words, and whether something opens it in the app. */
interface GlanceChannel {
  icon: string;
  label: string;
  opens: boolean;
}

interface GlanceThing {
  address: string;
  name: string;
  title: string;
  channel: GlanceChannel | null;
  /** In the order of time; from one without a kind on the thing is not in the list. */
  stages: (GlanceLook | { since: number; kind?: undefined })[];
}

/** A thing as it is shown now. */
interface GlanceRow extends GlanceLook {
  address: string;
  name: string;
  title: string;
  channel: GlanceChannel | null;
  late: boolean;
  short: string;
  section: string;
}

interface Glance {
  form: number;
  until: number;
  language: string;
  locale?: string;
  zone: string;
  words: GlanceWords;
  sample: string;
  empty: { title: string; text: string; action: string };
  snoozed: string[];
  things: GlanceThing[];
  notice: GlanceCard | null;
  updates: GlanceCard[];
}
