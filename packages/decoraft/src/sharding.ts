/** # Decoraft for key spaces over many owners: rings, weights, and clients that route by key. */
export * from '@decoraft/sharding';
