import { Link } from 'react-router';

/** Tags, each of which leads to the sweeps that have it. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return tags.map((tag) => (
    <Link key={tag} className="chip" to={`/sweeps?${new URLSearchParams({ tag }).toString()}`}>
      {tag}
    </Link>
  ));
}
