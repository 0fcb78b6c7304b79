import { Component, type ComponentChildren } from "preact";

interface StillProps {
  /** What the children are drawn from, as text. */
  readonly of: string;
  readonly children: ComponentChildren;
}

/** Draws its children anew only when what they are drawn from has changed: most of a long list has not. */
export class Still extends Component<StillProps> {
  override shouldComponentUpdate(next: StillProps): boolean {
    return next.of !== this.props.of;
  }

  override render({ children }: StillProps): ComponentChildren {
    return children;
  }
}
