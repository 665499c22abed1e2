export * from './the_clock_through_a_door_of_modules.far.helper.js';
export { since as default } from './the_clock_through_a_door_of_modules.far.helper.js';
