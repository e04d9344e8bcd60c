import type { Result } from "@quarterdeck/model";

/** The engine's clock, so that grace, deadlines and garbage can be tested without waiting. */
export type Clock = {
  /** Milliseconds since the epoch; what goes into stored times. */
  now(): number;
  /** Milliseconds of a clock that nobody sets; what durations of this process are measured with. */
  elapsed(): number;
  /** Resolves after `milliseconds`, or as soon as the signal is aborted; never rejects. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
};

/** An image as it goes into a release. */
export type PinnedImage = {
  /** `<repository>@sha256:…`, or `<repository>:<tag>` where the deploy allowed a bare tag. */
  readonly image: string;
  readonly pinned: boolean;
};

/** Asks image registries; an OCI registry in production, a map in tests. */
export type ImageRegistry = {
  /**
   * The digest of `repository:version`; `version` is a tag. Asking twice is harmless.
   * Refuses with `VERSION_NOT_FOUND` (naming the newest tags) or `REGISTRY_UNREACHABLE`; throws only when the signal is aborted.
   */
  pin(repository: string, version: string, signal: AbortSignal): Promise<Result<PinnedImage>>;
};

/** What the engine tells the journal. Messages are constant; what varies goes into the fields. */
export type EngineLog = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
};
