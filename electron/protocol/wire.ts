/**
 * The protocol's version. The lower of the two sides' is spoken. A frame in lower case is optional: who does not know it
 * skips it. Any other that is not known is refused, with a word on which side is the older one.
 */
export const wireVersion = 2;

/** Limits of a whole request, stdin apart. */
export const limits = {
  frameBytes: 1 << 20,
  requestBytes: 2 << 20,
  frames: 1024,
  requestMs: 5_000,
} as const;

/** From the client: version, token, its program's version, argument, variable, directory, terminal, go, stdin. */
export type ClientFrame = "V" | "K" | "v" | "A" | "E" | "D" | "T" | "G" | "I";

/**
 * From the daemon: stdout, stderr, wants stdin, wants variables (their names, parted by blanks; the answer is E frames
 * and a G), run with these variables, run this script, exit code.
 */
export type ServerFrame = "1" | "2" | "?" | "e" | "R" | "S" | "X";

export interface Frame {
  readonly type: string;
  readonly payload: Buffer;
}

/** One frame: a byte of type, four of length, big-endian, and the payload. */
export const frame = (type: ClientFrame | ServerFrame, payload: string | Buffer = ""): Buffer => {
  const body = typeof payload === "string" ? Buffer.from(payload) : payload;
  const head = Buffer.allocUnsafe(5);
  head.write(type);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
};

/** `bytes` as frames of one type, each within the limit. */
export const frames = (type: ClientFrame | ServerFrame, bytes: Buffer): readonly Buffer[] => {
  const parts = [];
  for (let at = 0; at < bytes.length; at += limits.frameBytes) {
    parts.push(frame(type, bytes.subarray(at, at + limits.frameBytes)));
  }
  return parts;
};

/** A frame that announces more than the limit: the other side does not speak this protocol. */
export class FrameTooLong extends Error {
  constructor(length: number) {
    super(`a frame of ${String(length)} bytes`);
    this.name = "FrameTooLong";
  }
}

/**
 * Puts frames together from whatever pieces arrive. Holds one unfinished frame at the most, and copies a byte of it but
 * a few times, however small the pieces are.
 */
export class FrameDecoder {
  /** What has not made a frame yet: the first `#size` bytes of it. */
  #room: Buffer = Buffer.alloc(0);
  #size = 0;

  /** The frames that `chunk` completes. Throws FrameTooLong before it would hold so much. */
  push(chunk: Buffer): readonly Frame[] {
    const data = this.#size === 0 ? chunk : this.#joined(chunk);
    const done: Frame[] = [];
    let at = 0;
    while (data.length - at >= 5) {
      const length = data.readUInt32BE(at + 1);
      if (length > limits.frameBytes) throw new FrameTooLong(length);
      const end = at + 5 + length;
      if (data.length < end) break;
      done.push({ type: data.toString("latin1", at, at + 1), payload: data.subarray(at + 5, end) });
      at = end;
    }
    // The frames are parts of what came: nothing is written there any more.
    if (this.#size === 0 || at > 0) {
      this.#room = data.subarray(at);
      this.#size = this.#room.length;
    }
    return done;
  }

  #joined(chunk: Buffer): Buffer {
    const size = this.#size + chunk.length;
    if (size > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.max(size, 2 * this.#room.length));
      this.#room.copy(room, 0, 0, this.#size);
      this.#room = room;
    }
    chunk.copy(this.#room, this.#size);
    this.#size = size;
    return this.#room.subarray(0, size);
  }
}

/** The request's variables: no others cross from a caller into the daemon. */
export const requestVariables: readonly string[] = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_REGION",
  "CLOUDSDK_CONFIG",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "GOOGLE_CLOUD_PROJECT",
  "CLAUDE_CODE_REMOTE",
  "SSH_CONNECTION",
  "SSH_TTY",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "WSL_DISTRO_NAME",
  "REMOTE_CONTAINERS",
  "CODESPACES",
  "NO_COLOR",
  "TERM",
  "COLUMNS",
  "LANG",
  "LC_ALL",
];

/** Beginnings of further variables of a request. */
export const requestVariablePrefixes: readonly string[] = [
  "CLAUDE_CODE_PROXY_",
  "CLAUDE_CODE_MCP_SERVER_",
];
