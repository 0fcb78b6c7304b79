import { consentPage, messagePage } from "../cloud/pages.ts";

/** Who can sign in. */
export const people = ["ann@example.com", "dev@example.com"] as const;

/** The page on which a person signs in and allows what the client asks for, or does not. */
export const signInPage = (uid: string, client: string, scope: string): string =>
  consentPage({
    organisation: "Example Corp",
    client,
    users: people,
    wish: `asks for: ${scope}`,
    action: `/interaction/${uid}`,
    fields: {},
  });

/** The page on which a user code is entered, and what has become of the one before; `form` is the server's. */
export const codePage = (form: string, error = ""): string => {
  const next = '<button id="next" form="op.deviceInputForm">Next</button>';
  return framed(error === "" ? "Enter the code" : "Nobody was signed in", form, next);
};

/** The page on which a person compares the code with the one on the device. */
export const confirmPage = (form: string, userCode: string): string =>
  framed(
    "Is this the code on your device?",
    `<p class="code" id="user-code">${userCode}</p>${form}`,
    '<button id="confirm" form="op.deviceConfirmForm">Yes</button>',
  );

/** The page at the end of the device flow. */
export const donePage = (): string => messagePage("Request approved", "You can close this window.");

/** The page where the server can do nothing. */
export const errorPage = (error: string): string => messagePage("Not signed in", error);

const framed = (title: string, ...parts: readonly string[]): string =>
  messagePage(title, "").replace("</main>", `${parts.join("")}</main>`);
