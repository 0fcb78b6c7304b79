import { type ComponentChildren, Fragment, isValidElement, type VNode } from "preact";

/** An element of the page as it would be drawn. */
export interface Element {
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Draws components that have no state of their own: all elements, each before what is in it. */
export const draw = (node: ComponentChildren): readonly Element[] => {
  if (Array.isArray(node)) return node.flatMap(draw);
  if (!isValidElement(node)) return [];
  const { type, props } = node as VNode<Record<string, unknown>>;
  const children = props.children;
  if (type === Fragment) return draw(children);
  if (typeof type === "function") {
    return draw((type as (props: unknown) => ComponentChildren)(props));
  }
  return [{ name: type, props, text: textOf(node) }, ...draw(children)];
};

/** The words of a drawn node, one after the other. */
export const textOf = (node: ComponentChildren): string => {
  if (Array.isArray(node)) return node.map(textOf).join("");
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (!isValidElement(node)) return "";
  const { type, props } = node as VNode<Record<string, unknown>>;
  return typeof type === "function" && type !== Fragment
    ? textOf((type as (props: unknown) => ComponentChildren)(props))
    : textOf(props.children);
};

/** The buttons, by what is on them. */
export const buttonsOf = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ name }) => name === "button").map(({ text }) => text);

/** Presses the button with these words on it. */
export const press = (elements: readonly Element[], words: string): void => {
  const button = elements.find(({ name, text }) => name === "button" && text === words);
  if (button === undefined) throw new Error(`No ${words} among ${buttonsOf(elements)}`);
  (button.props["onClick"] as () => void)();
};
