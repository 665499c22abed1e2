/** Under which name a node tells how it is. */
export const HEALTH_SERVICE = 'decoraft.health';

/** Under which name a node tells what is registered there. */
export const REFLECTION_SERVICE = 'decoraft.reflection';
