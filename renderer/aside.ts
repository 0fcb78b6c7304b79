/** What the reader has opened over the page. */
export type Aside =
  | {
      readonly kind: "add";
      /** What is meant, where that is clear. */
      readonly what?: "key";
    }
  | {
      readonly kind: "browser" | "details" | "forget" | "profile" | "test-key";
      /** The source's id. */
      readonly source: string;
    };
