import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { type Flavour, parseConfig, type Section } from "./config-grammar.ts";
import type { Problem } from "../problem.ts";

/** A file of the AWS tools as far as it could be read. */
export interface ConfigFile {
  readonly sections: readonly Section[];
  readonly problems: readonly Problem[];
}

/** No AWS config file comes near it. */
const maxBytes = 8 * 1024 * 1024;

/**
 * Reads a file of the AWS tools. A missing one is an empty one; whatever else is wrong is a problem, never a
 * throw.
 */
export const readConfigFile = (file: string, flavour: Flavour = "config"): ConfigFile => {
  const whole = (sentence: string, remedy: string): ConfigFile => ({
    sections: [],
    problems: [{ file, line: undefined, sentence, remedy }],
  });
  const bytes = readBytes(file);
  switch (bytes) {
    case "missing":
      return { sections: [], problems: [] };
    case "not-a-file":
      return whole(`${file} is not a file.`, "Put the AWS configuration there as a file.");
    case "too-large":
      return whole(`${file} is too large for a configuration.`, "Make it smaller than 8 MiB.");
    case "unreadable":
      return whole(
        `${file} cannot be read.`,
        "Give yourself the right to read it, and see that what it lies in is a folder of yours.",
      );
  }
  const { text, problems } = decode(bytes);
  const config = parseConfig(text, flavour);
  return {
    sections: config.sections,
    problems: [...problems, ...config.problems].map((problem) => ({ file, ...problem })),
  };
};

/**
 * The bytes of a file of the AWS tools, or why there are none. Read at once: by way of other threads so small a file takes
 * several times as long, and at a start waits for Chromium.
 */
export const readBytes = (
  file: string,
): Buffer | "missing" | "not-a-file" | "too-large" | "unreadable" => {
  try {
    // Without O_NONBLOCK a pipe of that name would hold us for ever.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return "not-a-file";
      if (stat.size > maxBytes) return "too-large";
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    return code === "ENOENT" ? "missing" : "unreadable";
  }
};

interface Decoded {
  readonly text: string;
  readonly problems: readonly Omit<Problem, "file">[];
}

const decode = (bytes: Buffer): Decoded => {
  const text = bytes.toString("utf8");
  if (text.startsWith("\uFEFF")) {
    const sentence = "The file starts with a byte order mark, which the AWS CLI does not read.";
    const remedy = "Save it as UTF-8 without one.";
    return { text: text.slice(1), problems: [{ line: 1, sentence, remedy }] };
  }
  // What is not UTF-8 has become U+FFFD; where the file has one of its own, nothing is wrong.
  if (!text.includes("\uFFFD") || Buffer.from(text, "utf8").equals(bytes)) {
    return { text, problems: [] };
  }
  const line = text.slice(0, text.indexOf("\uFFFD")).split(/\r\n|\n|\r/).length;
  const sentence = `Line ${line} is not UTF-8; the AWS CLI then refuses the whole file.`;
  return { text, problems: [{ line, sentence, remedy: "Save it as UTF-8." }] };
};
