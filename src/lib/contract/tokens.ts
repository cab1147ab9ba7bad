/** A rough average, for estimates before the home has counted. */
export const CHARS_PER_TOKEN = 4
