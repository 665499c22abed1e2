import { far as further } from './the_wall_clock_two_files_away.far.helper.js';

export const near = (): number => further.away();
