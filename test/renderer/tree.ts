import { type ComponentChildren, Fragment, isValidElement, options, type VNode } from "preact";
import { type Words, english } from "../../electron/protocol/words.ts";
import { WordsContext } from "../../renderer/words-context.ts";

/** An element of the page as it would be drawn. */
export interface Element {
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Draws components, each as it comes up first: all elements, each before what is in it. */
export const draw = (node: ComponentChildren, words: Words = english): readonly Element[] => {
  if (Array.isArray(node)) return node.flatMap((each) => draw(each, words));
  if (!isValidElement(node)) return [];
  const { type, props } = node as VNode<Record<string, unknown>>;
  if (type === Fragment) return draw(props.children, words);
  if (typeof type === "function") return draw(drawnBy(type, props, words), words);
  return [{ name: type, props, text: textOf(node, words) }, ...draw(props.children, words)];
};

/** The words of a drawn node, one after the other. */
export const textOf = (node: ComponentChildren, words: Words = english): string => {
  if (Array.isArray(node)) return node.map((each) => textOf(each, words)).join("");
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (!isValidElement(node)) return "";
  const { type, props } = node as VNode<Record<string, unknown>>;
  return typeof type === "function" && type !== Fragment
    ? textOf(drawnBy(type, props, words), words)
    : textOf(props.children, words);
};

/** What Preact's own hooks are called by it, and under which name a context is found. */
const rendered = options as { __r?: (vnode: { __c: unknown }) => void };
const contextId = (WordsContext as unknown as { __c: string }).__c;

/** What a component draws at first: its hooks are told, as Preact tells them, whose they are. */
const drawnBy = (type: unknown, props: unknown, words: Words): ComponentChildren => {
  const provider = { props: { value: words }, sub: () => undefined };
  const component = {
    context: { [contextId]: provider },
    __h: [],
    setState: () => undefined,
  };
  rendered.__r?.({ __c: component });
  if (isClass(type)) return new type(props).render(props);
  return (type as (props: unknown) => ComponentChildren)(props);
};

type ComponentClass = new (props: unknown) => { render(props: unknown): ComponentChildren };

const isClass = (type: unknown): type is ComponentClass =>
  typeof type === "function" && "render" in ((type.prototype as object | undefined) ?? {});

/** The buttons, by what is on them. */
export const buttonsOf = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ name }) => name === "button").map(({ text }) => text);

/** Presses the button with these words on it. */
export const press = (elements: readonly Element[], words: string): void => {
  const button = elements.find(({ name, text }) => name === "button" && text === words);
  if (button === undefined) throw new Error(`No ${words} among ${buttonsOf(elements)}`);
  (button.props["onClick"] as () => void)();
};
