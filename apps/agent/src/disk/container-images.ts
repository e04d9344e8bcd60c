/** An image in this machine's container runtime. */
export type ContainerImage = {
  readonly id: string;
  /** All names that it can be asked for by: `repository:tag` and `repository@digest`; none for what a newer build left behind. */
  readonly names: readonly string[];
  /** Of a container, running or not. */
  readonly inUse: boolean;
};

/** The images of this machine; owned by who makes room. */
export type ContainerImages = {
  /**
   * `null` when there is no container runtime.
   * @throws {CodedError} FAILED when it does not answer
   */
  list(signal: AbortSignal): Promise<readonly ContainerImage[] | null>;
  /**
   * Takes an image away, all its names at once; one that a container has come to use meanwhile is refused by the runtime.
   * @throws {CodedError} FAILED in the runtime's words
   */
  remove(image: ContainerImage, signal: AbortSignal): Promise<void>;
};
