const printed = "[secret]";

/**
 * A string that prints as `[secret]` wherever it is logged, joined or serialised.
 * `reveal()` is the only way out; lint limits it to the keychain, the sources and the reply writer.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return printed;
  }

  toJSON(): string {
    return printed;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return printed;
  }
}
