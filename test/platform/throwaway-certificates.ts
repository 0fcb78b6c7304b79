import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key, as PEM, with those between it and its root behind it. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is like. */
export interface Wish {
  readonly name: string;
  /** Left out: it signs itself. */
  readonly issuer?: string;
  /** An authority itself. */
  readonly isAuthority?: true;
  readonly hosts?: readonly string[];
  /** First and last day: `20200101`. Left out: two days from now. */
  readonly days?: readonly [string, string];
}

/** Makes certificates in a folder, `NAME.pem` and `NAME.key`, with the `openssl` command. */
export class Throwaway {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    for (const file of ["index", "index.attr"]) writeFileSync(join(folder, file), "");
    writeFileSync(join(folder, "serial"), "1000\n");
  }

  path(file: string): string {
    return join(this.#folder, file);
  }

  make({ name, issuer = name, isAuthority, hosts = [], days }: Wish): Pair {
    const extensions = [
      `basicConstraints=critical,CA:${isAuthority === true ? "TRUE" : "FALSE"}`,
      ...(hosts.length === 0
        ? []
        : [`subjectAltName=${hosts.map((host) => `DNS:${host}`).join()}`]),
    ];
    const file = (title: string, ending: string): string =>
      `${title.replaceAll(" ", "-")}.${ending}`;
    const settings = [
      ...["[ca]", "default_ca=own", "[own]", "database=index", "serial=serial", "new_certs_dir=."],
      ...[
        "policy=any",
        "unique_subject=no",
        "[any]",
        "commonName=supplied",
        "[more]",
        ...extensions,
      ],
    ];
    writeFileSync(this.path("ca.cnf"), settings.join("\n"));
    this.#openssl(
      ...["req", "-utf8", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", file(name, "key"), "-out", file(name, "csr"), "-subj", `/CN=${name}`],
    );
    const [from, to] = days ?? [];
    this.#openssl(
      ...["ca", "-batch", "-notext", "-config", "ca.cnf", "-md", "sha256", "-extensions", "more"],
      ...["-in", file(name, "csr"), "-out", file(name, "pem"), "-keyfile", file(issuer, "key")],
      ...(issuer === name ? ["-selfsign"] : ["-cert", file(issuer, "pem")]),
      ...(from === undefined || to === undefined
        ? ["-days", "2"]
        : ["-startdate", `${from}000000Z`, "-enddate", `${to}000000Z`]),
    );
    return {
      cert: readFileSync(this.path(file(name, "pem")), "utf8"),
      key: readFileSync(this.path(file(name, "key")), "utf8"),
    };
  }

  #openssl(...words: readonly string[]): void {
    execFileSync("openssl", words, { cwd: this.#folder, stdio: "pipe" });
  }
}
