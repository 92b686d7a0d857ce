import type { Role } from '@unroll/contracts';
import { includesRole, roles } from '../../api/roles';

const meanings: Readonly<Record<Role, string>> = {
  viewer: 'reads everything of the team',
  submitter: 'also runs sweeps and adds data',
  admin: 'also manages members and keys',
};

/** A choice among the roles up to `most`, each with what it allows. */
export function RoleChoice({
  role,
  choose,
  most = 'admin',
}: {
  role: Role;
  choose: (role: Role) => void;
  most?: Role;
}) {
  return (
    <label className="field wide">
      Role
      <select value={role} onChange={({ target }) => choose(target.value as Role)}>
        {roles
          .filter((each) => includesRole(most, each))
          .map((each) => (
            <option key={each} value={each}>
              {each}: {meanings[each]}
            </option>
          ))}
      </select>
    </label>
  );
}
