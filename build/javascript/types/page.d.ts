// What browsers, Flet's client and Python's worker know and TypeScript's library for pages does not.

interface Navigator {
  /** Gigabytes, in Chromium only. */
  readonly deviceMemory?: number;
  /** iOS: whether the page was opened from the home screen. */
  readonly standalone?: boolean;
}

interface PerformanceElementTiming extends PerformanceEntry {
  readonly renderTime: number;
}

/** Absent in browsers without Trusted Types. */
declare var trustedTypes: {
  createPolicy(
    name: string,
    rules: { createHTML(html: string): string; createScriptURL(address: string): string },
  ): object;
} | undefined;

/** What Flet's client is told. */
declare var flet: { pyodide: boolean; multiView: boolean; routeUrlStrategy: "path" | "hash" };

/** What Flet's animation plug-in waits for. */
declare var RiveNative: () => Promise<never>;

/** Flutter's loader, there once flutter.js has run. */
declare var _flutter: {
  buildConfig: { builds: object[] };
  loader: {
    load(options: {
      config: object;
      onEntrypointLoaded(initializer: FlutterInitializer): Promise<void>;
    }): Promise<void>;
  };
};

interface FlutterInitializer {
  initializeEngine(config: object): Promise<{ runApp(): Promise<void> }>;
}

type Questions = typeof import("../../../assets/web/page/notifications.js").QUESTIONS;

/** What Python and its worker tell the page, beside Flet's packets. */
interface PythonNews {
  restoring: object;
  ready: object;
  connected: object;
  failed: PythonFailure;
  wear: { language: string; theme: "system" | "light" | "dark" };
  "ask-before-leaving": { unsaved: boolean };
  glance: { glance: Glance | null };
  "apply-update": object;
  "show-notification": { notification: Reminder };
  badge: { count: number };
  /** Something to be answered with `number`, from QUESTIONS of page/notifications.js. */
  ask: { number: number; question: keyof Questions; given: { key: string; tags: string[] } };
  restart: object;
}
