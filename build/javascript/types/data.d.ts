// Shapes of the data that the page, the workers and Python pass to each other.

/** Bytes in memory that no other thread shares, as WebCrypto and `fetch` demand. */
type Bytes = Uint8Array<ArrayBuffer>;

/** One of Flutter's two clients: assets/web/page/renderer.js. */
type Renderer = "skwasm" | "canvaskit";

/** A file of a release: precache.json, written by build/release.py. Sizes are in bytes. */
interface ReleaseFile {
  url: string;
  size: number;
  /** What it weighs on the wire. */
  transfer: number;
  /** SHA-256 in hexadecimal. */
  hash: string;
  /** The only client that needs it; absent where both do. */
  renderer?: Renderer;
}

interface Release {
  build: string;
  files: ReleaseFile[];
}

/** How far a download is, in bytes: arrived and expected on the wire, and taken up on the device in the end. */
interface DownloadProgress {
  done: number;
  total: number;
  size: number;
}

/**
 * A notification as app/sync/reminder_plan.py describes it. A test notification has neither `at` nor `item`, and
 * devices of the first edition planned reminders without `until`.
 */
interface Reminder {
  title: string;
  body: string;
  lang: string;
  tag: string;
  actions?: { action: string; title: string }[];
  /** Where in the app a press leads. */
  path?: string;
  /** Kind and identifier of the record. */
  item?: string[];
  /** How many things are due when it is shown. */
  badge?: number;
  /** ISO 8601: when it is due to be shown, and from when on it is of no use. */
  at?: string;
  until?: string;
  /** A stamp later than all that its planner knew: app/store/clock.py. */
  clock?: string;
}

/** A record's fields as docs/protocol.md has them: value and stamp by name. */
type StampedFields = Record<string, [value: unknown, stamp: string]>;

/** What was answered on a notification, as kept in IndexedDB. */
interface Answer {
  id: string;
  group: string;
  fields: StampedFields;
  /** Whether the server knows it. */
  told: boolean;
}

/** What was shown of a reminder, as kept in IndexedDB. Times are milliseconds since 1970. */
interface Ring {
  tag: string;
  at: number;
  until: number;
  answered: boolean;
}

/** Python says why it cannot run: `reason` is "unsupported", "busy", "full" or "python". */
interface PythonFailure {
  reason: string;
  details: string;
  /** Whether this Python came out of a snapshot. */
  restored?: boolean;
}

/** An object store of IndexedDB that holds one kind of value. */
interface Store<Row> {
  get(key: string): IDBRequest<Row | undefined>;
  getAll(): IDBRequest<Row[]>;
  count(): IDBRequest<number>;
  put(row: Row, key?: string): IDBRequest<IDBValidKey>;
  delete(key: string): IDBRequest<undefined>;
}

/** Does one thing in a transaction of its own; the result is that of the request that `action` returns. */
type StoreAccess<Row> = <Asked extends IDBRequest | undefined | void>(
  mode: IDBTransactionMode,
  action: (store: Store<Row>) => Asked,
) => Promise<ResultOf<Asked>>;

type ResultOf<Asked> = Asked extends IDBRequest<infer Result> ? Result : undefined;

/** A message of one of the kinds of `Kinds`, an interface that has the details of each. */
type Message<Kinds, Kind extends keyof Kinds = keyof Kinds> = { [Each in Kind]: { kind: Each } & Kinds[Each] }[Kind];

/** What to do with a message of each kind. */
type Listeners<Kinds> = { [Kind in keyof Kinds]: (message: Message<Kinds, Kind>) => void | Promise<void> };

/** What the page tells Python's worker, beside Flet's packets. */
interface ToldPython {
  prepare: { restore: boolean };
  own: object;
  connect: { documentUrl: string; pairingText: string };
  answer: { number: number; value: unknown };
  event: { name: string };
}

/** What the page tells the service worker. */
interface ToldServiceWorker {
  "skip-waiting": object;
  claim: object;
  show: { notification: Reminder };
}

/** What the service worker tells the page: a place to open, or that a notification was answered. */
interface ToldPage {
  open: { path: string };
  answers: object;
}
