import { join } from "node:path";

type Command = readonly [program: string, ...args: string[]];

const beside = (name: string): string => join(import.meta.dirname, name);

/** Prints whom AWS takes the AWS CLI for; `--profile NAME` may follow. */
export const aws: Command = [
  "/usr/bin/aws",
  ...["sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
];

/** Prints whom AWS takes boto3 for, a line for each profile that follows. */
export const boto3: Command = ["/usr/bin/python3", beside("caller.py")];

/** Prints whom AWS takes the JavaScript SDK for, a line for each profile that follows. */
export const javaScript: Command = [process.execPath, "--no-warnings", beside("caller.mjs")];

/** Prints three lines, of the AWS CLI, boto3 and the JavaScript SDK with their default chains. */
export const allThree: Command = [
  "/bin/sh",
  "-ec",
  [aws, boto3, javaScript].map((command) => command.join(" ")).join("\n"),
];
