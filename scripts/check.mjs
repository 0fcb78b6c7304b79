// The quick look before a commit: format, lint, types and the unit tests.
import { runChecks, staticChecks, unitTests } from "./checks.mjs";

process.exitCode = (await runChecks([...staticChecks, unitTests])) ? 0 : 1;
