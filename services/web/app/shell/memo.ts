// Renders a component again only when what it was given is another thing; what it reads from signals moves it by itself. Preact keeps
// its own in the compatibility layer, which is larger than the whole of this.
import { Component, h, type ComponentType } from "preact";

export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const [a, b] = [this.props as Record<string, unknown>, next as Record<string, unknown>];
      return Object.keys(b).some((it) => a[it] !== b[it]);
    }
    override render() {
      return h(Inner, this.props as P);
    }
  };
}
