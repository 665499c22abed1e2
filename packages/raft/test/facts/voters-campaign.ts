import { type Fact, must } from './fact.js';

/** Who has no vote in its own configuration never begins to campaign (thesis §4.2.1, §4.2.2). */
export function votersCampaign(): Fact {
  const followers = new Set<string>();
  return {
    stepped: ({ id, status }) => {
      const { configuration, role } = status;
      const { voters, votersOutgoing } = configuration;
      if (role === 'follower') followers.add(id);
      else if (followers.delete(id)) {
        must(voters.includes(id) || votersOutgoing.includes(id), `${id} campaigns, hence it has a vote`);
      }
    },
  };
}
