/** # Decoraft for members: who is there, in which groups, and who leads them; the same in Node and in a browser. */
export * from '@decoraft/membership';
