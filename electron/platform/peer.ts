/** What the addon beside the shim tells (electron/shim/peer.c). */
export interface PeerAddon {
  /** Who has made the connection at this descriptor. Throws where it is no local one. */
  peer(fd: number): { readonly pid: number; readonly uid: number };
  /** Whether that process has ended; false also where the kernel does not tell (Linux before 6.5, macOS). */
  ended(fd: number): boolean;
  /**
   * Whether the open file is locked for this descriptor now: until it is closed, at the latest by the kernel at our end.
   * False where somebody else has locked the file. Throws where the file system has no locks.
   */
  lock(fd: number): boolean;
  /** What a process is; undefined where there is none, or it is kept from us. */
  look(pid: number): SeenOnLinux | SeenOnMacos | undefined;
}

interface SeenProcess {
  readonly parent: number;
  /** In clock ticks on Linux, in microseconds on macOS. */
  readonly startedAt: number;
  readonly path: string;
}

export interface SeenOnLinux extends SeenProcess {
  readonly stamp: string;
}

export interface SeenOnMacos extends SeenProcess {
  readonly words: readonly string[];
  readonly isTyped: boolean;
}

/** Loads the addon. Throws what the system says where it is missing, or does not fit. */
export const loadPeerAddon = (file: string): PeerAddon => {
  const loaded: { exports: unknown } = { exports: {} };
  process.dlopen(loaded, file);
  return loaded.exports as PeerAddon;
};
