import { Component, type ReactNode } from 'react';
import { Problem, Waiting } from './Messages';

/** Milliseconds between two questions whether the API answers again. */
const interval = 1_000;
/** Milliseconds within which the page is not loaded again by itself a second time. */
const once = 10_000;
const loadedAt = 'unroll.loaded-again';

/** How browsers say that they could not fetch a part of the page. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Error &&
  /dynamically imported module|importing a module script|preload|load failed/i.test(error.message);

interface State {
  error: unknown;
}

/**
 * Shows an error where it happened instead of an empty page. Where a part of the page could not be fetched, since the API had stopped or
 * was replaced by another version, it loads the page again as soon as the API answers.
 */
export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };
  private timer: ReturnType<typeof setTimeout> | undefined;

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override componentDidCatch(error: unknown): void {
    if (isUnreachable(error)) this.awaitApi();
  }

  override componentWillUnmount(): void {
    clearTimeout(this.timer);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    if (isUnreachable(error)) return <Waiting what="The API is not reachable; the page loads again when it is" />;
    return <Problem error={error} retry={() => this.setState({ error: undefined })} />;
  }

  /** A browser may keep the failure of a fetched module, so that rendering again would not help. */
  private awaitApi(): void {
    this.timer = setTimeout(() => {
      fetch('/healthz')
        .then(({ ok }) => {
          const isSoon = Date.now() - Number(sessionStorage.getItem(loadedAt) ?? 0) < once;
          if (!ok || isSoon) return this.awaitApi();
          sessionStorage.setItem(loadedAt, String(Date.now()));
          location.reload();
        })
        .catch(() => this.awaitApi());
    }, interval);
  }
}
