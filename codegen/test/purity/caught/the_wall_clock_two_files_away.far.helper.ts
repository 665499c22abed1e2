export const far = {
  away(): number {
    return Date.now();
  },
};
