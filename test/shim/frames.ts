/** One frame of the wire between shim and daemon: a byte of type, four of big-endian length, the payload. */
export interface Frame {
  readonly type: string;
  readonly payload: Buffer;
}

/** The bytes of one frame. */
export function encode(type: string, payload: string | Buffer = ""): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Cuts a stream into frames, wherever its chunks end. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** The frames that are complete with this chunk. */
  push(chunk: Buffer): readonly Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      if (this.#rest.length < 5) return frames;
      const end = 5 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < end) return frames;
      frames.push({
        type: this.#rest.toString("latin1", 0, 1),
        payload: this.#rest.subarray(5, end),
      });
      this.#rest = this.#rest.subarray(end);
    }
  }
}
