// What browsers know and TypeScript's library for workers does not.

interface FileSystemFileHandle {
  createSyncAccessHandle(
    options?: { mode: "readwrite" | "read-only" | "readwrite-unsafe" },
  ): Promise<FileSystemSyncAccessHandle>;
}

interface NotificationOptions {
  actions?: { action: string; title: string }[];
  /** Milliseconds since 1970. */
  timestamp?: number;
}

interface ServiceWorkerRegistration {
  /** Background sync, in Chromium only. */
  readonly sync?: { register(tag: string): Promise<void> };
}

interface ServiceWorkerGlobalScopeEventMap {
  sync: ExtendableEvent;
}

interface WorkerNavigator {
  /** Client hints, in Chromium only. */
  readonly userAgentData?: { getHighEntropyValues(hints: string[]): Promise<object> };
}
