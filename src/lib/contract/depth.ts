/** Levels of lists and objects; a JSON Schema has some ten. What goes on without end exhausts the stack of whoever reads it. */
export const DEPTH_LIMIT = 64

export const isTooDeep = (value: unknown, left = DEPTH_LIMIT): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (left === 0 || Object.values(value).some((part) => isTooDeep(part, left - 1)))
