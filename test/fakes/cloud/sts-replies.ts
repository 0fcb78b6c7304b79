import { randomUUID } from "node:crypto";
import { Refusal } from "./exchange.ts";
import type { SiteReply } from "./exchange.ts";
import type { Identity } from "./identity.ts";
import type { IssuedKeys } from "./keys.ts";

const namespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

/** Elements by name; a list of pairs inside is an element with elements. */
export type Elements = readonly (readonly [string, string | Elements])[];

function write(elements: Elements): string {
  return elements
    .map(([name, content]) => {
      const inner = typeof content === "string" ? escape(content) : write(content);
      return `<${name}>${inner}</${name}>`;
    })
    .join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function xml(status: number, root: string, elements: Elements): SiteReply {
  return {
    status,
    headers: { "content-type": "text/xml" },
    body: `<${root} ${namespace}>${write(elements)}</${root}>`,
  };
}

/** The answer to an action. */
export function answer(action: string, result: Elements): SiteReply {
  return xml(200, `${action}Response`, [
    [`${action}Result`, result],
    ["ResponseMetadata", [["RequestId", randomUUID()]]],
  ]);
}

/** An error of the token service. */
export function refuse(status: number, code: string, message: string): Refusal {
  return new Refusal(
    xml(status, "ErrorResponse", [
      [
        "Error",
        [
          ["Type", "Sender"],
          ["Code", code],
          ["Message", message],
        ],
      ],
      ["RequestId", randomUUID()],
    ]),
  );
}

/** Keys as every action gives them: the end in whole seconds. */
export function credentials(keys: IssuedKeys): Elements {
  return [
    [
      "Credentials",
      [
        ["AccessKeyId", keys.accessKeyId],
        ["SecretAccessKey", keys.secretAccessKey],
        ["SessionToken", keys.sessionToken],
        ["Expiration", `${new Date(keys.expiresAt).toISOString().slice(0, 19)}Z`],
      ],
    ],
  ];
}

/** Whose keys a role's are. */
export function assumedRoleUser({ arn, userId }: Identity): Elements {
  return [
    [
      "AssumedRoleUser",
      [
        ["AssumedRoleId", userId],
        ["Arn", arn],
      ],
    ],
  ];
}
