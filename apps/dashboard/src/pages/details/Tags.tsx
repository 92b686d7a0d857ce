import { Link } from 'react-router';
import { isByLink } from '../../api/key';

/** Tags, each of which leads to the sweeps that have it; but not for who reads by a link, which shows no others. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (isByLink())
    return tags.map((tag) => (
      <span key={tag} className="chip">
        {tag}
      </span>
    ));
  return tags.map((tag) => (
    <Link key={tag} className="chip" to={`/sweeps?${new URLSearchParams({ tag }).toString()}`}>
      {tag}
    </Link>
  ));
}
