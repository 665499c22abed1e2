/** # Decoraft for tests: your machines on whole clusters, in a simulated world that breaks on purpose. */
export * from '@decoraft/testing';
