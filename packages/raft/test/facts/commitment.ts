import { termAt } from '../support/memory-log.js';
import type { Server } from '../support/server.js';
import { type Fact, must } from './fact.js';
import { hasQuorum } from './quorums.js';

/**
 * A leader moves its commit index to entries of its own term only; older ones come along (§5.4.2, figure 8). And only
 * to what is durable on majorities of its configuration, on both halves of a joint one (§6).
 */
export function commitment(): Fact {
  const first = new Map<string, number>();
  const latest = new Map<string, number>();
  const nameOf = ({ id, incarnation, status }: Server): string =>
    `${id} in term ${status.term} and life ${incarnation}`;
  return {
    stepped: (server, servers) => {
      const { commit, role } = server.status;
      if (role !== 'leader') return;
      const leadership = nameOf(server);
      const before = latest.get(leadership);
      if (before === undefined) first.set(leadership, commit);
      else if (commit > before) checkQuorum(server, servers);
      latest.set(leadership, commit);
    },
    taken: (server) => {
      const { id, log, status } = server;
      const before = first.get(nameOf(server)) ?? status.commit;
      if (status.role !== 'leader' || status.commit === before) return;
      must(
        log.term(status.commit) === status.term,
        `leader ${id} counts for entry ${status.commit}, which is of its own term ${status.term}`,
      );
    },
  };
}

function checkQuorum({ id, status }: Server, servers: readonly Server[]): void {
  const { commit, configuration, term } = status;
  // What was compacted had been applied, hence committed.
  const isDurableOn = (at: string): boolean => {
    const disk = servers.find((server) => server.id === at)?.log.disk;
    return disk !== undefined && (termAt(disk, commit) === term || (disk.compacted?.index ?? 0) > commit);
  };
  must(hasQuorum(configuration, isDurableOn), `what ${id} commits at ${commit} is durable on its majorities`);
}
