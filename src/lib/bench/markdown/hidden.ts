/** Characters that are invisible or reverse the text. They can make code look different from what it does. */
const HIDDEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

/** Replaces each hidden character with its code point. */
export const showHidden = (text: string): string =>
  text.replace(
    HIDDEN,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )
